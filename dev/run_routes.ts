/** Runs, as those see and change them who triggered them, and as tasks do from within: `/api/v1/runs` to `/api/v3/runs`. */

import { forbidden, json } from "./answers.ts";
import { type Call, type Context, type Handler, runResources } from "./context.ts";
import { applyOperations, metadataSchema, type Operation } from "./metadata.ts";
import { filterValues, isInTime, page } from "./pages.ts";
import { readBody } from "./read_body.ts";
import type { Run } from "./run.ts";
import { tagsSchema } from "./run_body.ts";
import { details, summary } from "./run_json.ts";
import { may, mayAll } from "./tokens.ts";

const SMALL_LIMIT_BYTES = 10 * 1024;
const METADATA_LIMIT_BYTES = 2 * 1024 * 1024;
const MAX_TAGS = 10;

const NOT_FOUND = { error: "Run not found" };

function runOf({ runs }: Context, { params }: Call): Run | undefined {
  return runs.find(params["run"] ?? "");
}

export const retrieveRun: Handler = async (context, call) => {
  const run = runOf(context, call);
  if (run === undefined) return json({ error: "Not found" }, 404, { "x-should-retry": "true" });
  if (!may(call.caller, "read", runResources(run))) return forbidden();
  return json(await details(run, context.runs, context.objects, call.url.origin));
};

export const listRuns: Handler = async (context, { url, caller }) => {
  const query = url.searchParams;
  const tasks = filterValues(query, "taskIdentifier");
  const broad = may(caller, "read", [{ type: "runs" }, { type: "tasks" }]);
  if (!broad && (tasks.length === 0 || !mayAll(caller, "read", tasks.map((id) => ({ type: "tasks", id }))))) {
    return forbidden();
  }
  const wanted = (name: string, values: readonly (string | null)[]) => {
    const asked = filterValues(query, name);
    return asked.length === 0 || asked.some((value) => values.includes(value));
  };
  const now = context.clock();
  const rows = context.runs.list().toReversed().filter((run) =>
    wanted("status", [run.status]) && wanted("taskIdentifier", [run.taskIdentifier]) && wanted("tag", run.tags) &&
    wanted("batch", [run.batchId]) && wanted("isTest", [String(run.isTest)]) && isInTime(run, query, now)
  );
  const env = { id: context.environment.id, name: "dev", type: "DEVELOPMENT" };
  return page(rows, query, (run) => ({ ...summary(run), env }));
};

/** The checks of the routes that change a run. */
function changeable(context: Context, call: Call): Run | Response {
  const run = runOf(context, call);
  if (run === undefined) return json(NOT_FOUND, 404);
  const names = [{ type: "runs", id: run.id }, { type: "tasks", id: run.taskIdentifier }] as const;
  return may(call.caller, "write", names) ? run : forbidden();
}

export const cancelRun: Handler = async (context, call) => {
  const run = changeable(context, call);
  if (run instanceof Response) return run;
  context.runs.cancel(run);
  return json({ id: run.id });
};

/** Triggers a task once more as it was triggered. */
export const replayRun: Handler = async (context, call) => {
  const run = changeable(context, call);
  if (run instanceof Response) return run;
  const { taskIdentifier, payload, tags, isTest } = run;
  return json({ id: context.runs.trigger({ taskIdentifier, payload, tags, isTest }).id });
};

export const addTags: Handler = async (context, call) => {
  if (call.caller.kind !== "private") return json({ error: "Invalid or Missing API Key" }, 401);
  const body = await readBody(call.request, tagsSchema, SMALL_LIMIT_BYTES);
  if (body instanceof Response) return body;
  const run = runOf(context, call);
  if (run === undefined) return json(NOT_FOUND, 404);
  const added = body.tags.filter((tag) => tag.trim() !== "" && !run.tags.includes(tag));
  if (added.length === 0) return json({ message: "No new tags to add" });
  const tags = [...run.tags, ...added];
  if (tags.length > MAX_TAGS) {
    return json({ error: `Runs can only have ${MAX_TAGS} tags, you're trying to set ${tags.length}.` }, 422);
  }
  context.runs.change(run, { tags });
  return json({ message: `Successfully set ${added.length} new tags.` });
};

export const readMetadata: Handler = async (context, call) => {
  if (call.caller.kind !== "private") return json({ error: "Invalid or Missing API Key" }, 401);
  const run = runOf(context, call);
  return run === undefined
    ? json(NOT_FOUND, 404)
    : json({ metadata: run.metadata ?? {}, metadataType: "application/json" });
};

/** What a task changes: of its own run, its parent's and its root's. A run that has none of these stands for itself. */
export const updateMetadata: Handler = async (context, call) => {
  if (call.caller.kind !== "private") return forbidden();
  const body = await readBody(call.request, metadataSchema, METADATA_LIMIT_BYTES);
  if (body instanceof Response) return body;
  const run = runOf(context, call);
  if (run === undefined) return json({ error: "Task Run not found" }, 404);
  const relative = (id: string | null) => (id === null ? run : context.runs.find(id) ?? run);
  const update = (target: Run, changes: readonly Operation[] = [], whole = target.metadata ?? {}) => {
    const metadata = applyOperations(whole, changes);
    if (metadata !== target.metadata) context.runs.change(target, { metadata });
  };
  update(run, body.operations, body.metadata);
  if (body.parentOperations !== undefined) update(relative(run.parentRunId), body.parentOperations);
  if (body.rootOperations !== undefined) update(relative(run.rootRunId), body.rootOperations);
  return json({ metadata: run.metadata ?? {} });
};
