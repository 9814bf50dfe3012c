/** Lists, a page at a time, as every list of the API is given out. */

import { json } from "./answers.ts";
import { durationMs } from "./durations.ts";

interface Listed {
  readonly id: string;
  readonly createdAt: Date;
}

const DEFAULT_SIZE = 20;

/** One page of `rows`, which are newest first, by `page[size]`, `page[after]` and `page[before]`. */
export function page<R extends Listed>(
  rows: readonly R[],
  query: URLSearchParams,
  show: (row: R) => unknown,
): Response {
  const size = Number(query.get("page[size]") ?? DEFAULT_SIZE);
  if (!Number.isInteger(size) || size < 1 || size > 100) return json({ error: "Query Error" }, 400);
  const after = query.get("page[after]");
  const before = query.get("page[before]");
  if (after !== null && before !== null) return json({ error: "Query Error" }, 400);
  const place = (id: string) => rows.findIndex((row) => row.id === id);
  const start = before !== null ? Math.max(0, place(before) - size) : after !== null ? place(after) + 1 : 0;
  const shown = rows.slice(start, start + size);
  const next = start + size < rows.length ? shown.at(-1)?.id : undefined;
  const previous = start > 0 ? shown[0]?.id : undefined;
  return json({ data: shown.map(show), pagination: { ...(next && { next }), ...(previous && { previous }) } });
}

/** The values of a filter: given several times, or with commas. */
export function filterValues(query: URLSearchParams, name: string): readonly string[] {
  return query.getAll(`filter[${name}]`).flatMap((value) => value.split(","));
}

/** Whether a row was made in the time that the query asks for: `period` back from now, `from`, `to`. */
export function isInTime({ createdAt }: Listed, query: URLSearchParams, now: Date): boolean {
  const at = createdAt.getTime();
  const period = query.get("filter[createdAt][period]");
  const sinceMs = period === null ? 0 : now.getTime() - (durationMs(period) ?? Number.POSITIVE_INFINITY);
  const bound = (name: "from" | "to", fallback: number) => Number(query.get(`filter[createdAt][${name}]`) ?? fallback);
  return at >= sinceMs && at >= bound("from", 0) && at <= bound("to", Number.POSITIVE_INFINITY);
}
