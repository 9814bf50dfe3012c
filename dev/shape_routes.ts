/**
 * Live queries of runs: `GET /realtime/v1/runs/{run}`, `/realtime/v1/runs?tags=…` and `/realtime/v1/batches/{batch}`.
 *
 * A subscriber asks for all there is, and then again and again for what has changed since: a live request is held until
 * something has. Runs are numbered by their changes, so the number that a subscriber has seen is all that it needs to say.
 */

import { forbidden, json } from "./answers.ts";
import { type Call, type Context, type Handler, runResources } from "./context.ts";
import { durationMs } from "./durations.ts";
import type { Run } from "./run.ts";
import { changeMessage, schemaHeader, UP_TO_DATE } from "./shape.ts";
import { may } from "./tokens.ts";

/** Which runs a subscriber hears of, and what its query is called from the second request on. */
interface Feed {
  readonly handle: string;
  readonly has: (run: Run) => boolean;
}

export const subscribeToRun: Handler = async (context, call) => {
  const run = context.runs.find(call.params["run"] ?? "");
  if (run === undefined) return json({ error: "Not found" }, 404, { "x-should-retry": "false" });
  if (!may(call.caller, "read", runResources(run))) return forbidden();
  return feed(context, call, { handle: `run-${run.id}`, has: (other) => other === run });
};

export const subscribeToBatch: Handler = async (context, call) => {
  const batch = context.batches.find(call.params["batch"] ?? "");
  if (batch === undefined) return json({ error: "Not found" }, 404, { "x-should-retry": "true" });
  if (!may(call.caller, "read", [{ type: "batch", id: batch.id }, { type: "runs" }])) return forbidden();
  return feed(context, call, { handle: `batch_${batch.id}`, has: (run) => run.batchId === batch.id });
};

/** What could be mistaken for a part of the query behind it. */
// deno-lint-ignore no-control-regex -- these are what a query cannot carry
const UNSAFE_TAG = /["\\\u0000-\u001f\u007f]/;
const DEFAULT_AGE = "24h";

export const subscribeToRuns: Handler = async (context, call) => {
  const query = call.url.searchParams;
  const asked = query.get("tags");
  const tags = asked === null || asked === "" ? [] : asked.split(",");
  if (tags.some((tag) => tag === "" || UNSAFE_TAG.test(tag))) return json({ error: "Query Error" }, 400);
  const named = tags.map((id) => ({ type: "tags", id }) as const);
  if (!may(call.caller, "read", [{ type: "runs" }, { type: "tags" }, ...named])) return forbidden();
  // The oldest run of interest is set by the first request: the name of the query carries it to the others.
  const pinned = /^runs_(\d+)_/.exec(query.get("handle") ?? "")?.[1];
  const ageMs = durationMs(query.get("createdAt") ?? DEFAULT_AGE) ?? durationMs(DEFAULT_AGE) ?? 0;
  const sinceMs = pinned === undefined ? context.clock().getTime() - ageMs : Number(pinned);
  const handle = `runs_${sinceMs}_${tags.join("+")}`;
  return feed(context, call, {
    handle,
    has: (run) => run.createdAt.getTime() >= sinceMs && tags.every((tag) => run.tags.includes(tag)),
  });
};

async function feed(context: Context, call: Call, { handle, has }: Feed): Promise<Response> {
  const { runs, livePollSeconds } = context;
  const query = call.url.searchParams;
  const isLive = query.get("live") === "true";
  const offset = query.get("offset") ?? "-1";
  const seen = offset === "-1" || !isLive ? -1 : Number(offset.split("_")[0]);
  const skipped = skippedColumns(call);
  const deadline = AbortSignal.any([call.request.signal, AbortSignal.timeout(livePollSeconds * 1000)]);
  const news = () => runs.list().filter((run) => run.version > seen && has(run));
  let told = news();
  for (
    let version = runs.lastVersion();
    isLive && told.length === 0 && !deadline.aborted;
    version = runs.lastVersion()
  ) {
    await runs.changed(version, deadline);
    told = news();
  }
  const messages = told.map((run) => changeMessage(run, run.firstVersion > seen ? "insert" : "update", skipped));
  return answer([...messages, UP_TO_DATE], {
    "electric-handle": handle,
    "electric-offset": `${runs.lastVersion()}_0`,
    ...(isLive ? { "electric-cursor": String(runs.lastVersion()) } : { "electric-schema": schemaHeader(skipped) }),
  });
}

function answer(messages: readonly object[], headers: Record<string, string>): Response {
  // The client reads the headers from another origin, too.
  const open = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": "*",
    "cache-control": "no-store",
  };
  return json(messages, 200, { ...open, ...headers });
}

/** A token may forbid columns; then the query has no say. */
function skippedColumns({ caller, url }: Call): readonly string[] {
  if (caller.kind === "public" && caller.skipColumns !== undefined) return caller.skipColumns;
  return (url.searchParams.get("skipColumns") ?? "").split(",").map((name) => name.trim()).filter((name) =>
    name !== ""
  );
}
