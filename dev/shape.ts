/**
 * The realtime feed's wire format: rows of runs as Electric writes them, which is what `@electric-sql/client` reads. Every
 * value is text or `null`; a header says which column has which type.
 */

import type { Run, RunStatus } from "./run.ts";

type Type = "text" | "timestamp" | "int4" | "float8" | "bool" | "jsonb";

interface Column {
  readonly type: Type;
  readonly isArray?: boolean;
  readonly read: (run: Run) => unknown;
}

const text = (read: Column["read"]): Column => ({ type: "text", read });
const time = (read: Column["read"]): Column => ({ type: "timestamp", read });
const never = () => null;

/** The columns of a run, in the feed's order. Nothing costs anything here. */
const COLUMNS: Readonly<Record<string, Column>> = {
  id: text((run) => run.id),
  taskIdentifier: text((run) => run.taskIdentifier),
  createdAt: time((run) => run.createdAt),
  updatedAt: time((run) => run.updatedAt),
  startedAt: time((run) => run.startedAt),
  delayUntil: time((run) => run.delayUntil),
  queuedAt: time((run) => run.delayUntil ?? run.createdAt),
  expiredAt: time(never),
  completedAt: time((run) => run.completedAt),
  friendlyId: text((run) => run.id),
  number: { type: "int4", read: () => 0 },
  isTest: { type: "bool", read: (run) => run.isTest },
  status: text((run) => wireStatus(run.status)),
  usageDurationMs: { type: "int4", read: durationOf },
  costInCents: { type: "float8", read: () => 0 },
  baseCostInCents: { type: "float8", read: () => 0 },
  ttl: text(never),
  payload: text((run) => run.payload.data),
  payloadType: text((run) => run.payload.dataType),
  metadata: text((run) => (run.metadata === null ? null : JSON.stringify(run.metadata))),
  metadataType: text(() => "application/json"),
  output: text((run) => run.output?.data ?? null),
  outputType: text((run) => run.output?.dataType ?? "application/json"),
  runTags: { type: "text", isArray: true, read: (run) => (run.tags.length === 0 ? null : run.tags) },
  error: { type: "jsonb", read: (run) => run.error },
  realtimeStreams: { type: "text", isArray: true, read: (run) => run.realtimeStreams },
};

/** What no subscriber can do without. */
const RESERVED = ["id", "taskIdentifier", "friendlyId", "status", "createdAt"];

const WIRE_STATUS: Readonly<Partial<Record<RunStatus, string>>> = {
  QUEUED: "PENDING",
  WAITING: "WAITING_TO_RESUME",
  COMPLETED: "COMPLETED_SUCCESSFULLY",
  FAILED: "COMPLETED_WITH_ERRORS",
};

function wireStatus(status: RunStatus): string {
  return WIRE_STATUS[status] ?? status;
}

/** How long a run took, so far as it is over. */
export function durationOf({ startedAt, completedAt }: Run): number {
  return startedAt === null || completedAt === null ? 0 : completedAt.getTime() - startedAt.getTime();
}

function columnsWithout(skipped: readonly string[]): [string, Column][] {
  return Object.entries(COLUMNS).filter(([name]) => RESERVED.includes(name) || !skipped.includes(name));
}

/** The `electric-schema` header. */
export function schemaHeader(skipped: readonly string[]): string {
  const schema = columnsWithout(skipped).map((
    [name, { type, isArray }],
  ) => [name, isArray === true ? { type, dims: 1 } : { type }]);
  return JSON.stringify(Object.fromEntries(schema));
}

/** One run as it is told to a subscriber: all its columns, since telling the same twice does no harm. */
export function changeMessage(run: Run, operation: "insert" | "update", skipped: readonly string[]): object {
  const value = columnsWithout(skipped).map(([name, column]) => [name, write(column.read(run), column)]);
  return { key: `"public"."TaskRun"/"${run.id}"`, value: Object.fromEntries(value), headers: { operation } };
}

/** The message after which a subscriber knows that it has seen everything. */
export const UP_TO_DATE = { headers: { control: "up-to-date" } };

function write(value: unknown, { type, isArray }: Column): string | null {
  if (value === null || value === undefined) return null;
  if (isArray === true) return `{${(value as string[]).map(quote).join(",")}}`;
  if (type === "bool") return value === true ? "t" : "f";
  // The SDK appends the zone itself.
  if (type === "timestamp") return (value as Date).toISOString().slice(0, -1);
  return type === "jsonb" ? JSON.stringify(value) : String(value);
}

function quote(item: string): string {
  return `"${item.replace(/["\\]/g, "\\$&")}"`;
}
