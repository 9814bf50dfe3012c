/**
 * Trigger.dev's web app, as far as its route files' names say what its router matches: the API's and the realtime
 * service's files, as of August 2026, and what SDK 4.8 asks for beyond them.
 *
 * Remix makes a tree of them (its "flat routes" convention): a file is the child of the longest other name that it
 * continues. So a request's path matches a chain of files, of which the last one answers, unless `?_data=` names
 * another one of the chain.
 */

/** Route files by name, without their ending. `$x` is a parameter, `$` a splat. */
export const ROUTE_FILES = [
  "api.v1.auth.jwt",
  "api.v1.auth.jwt.claims",
  "api.v1.auth.public-tokens",
  "api.v1.auth.user-actor-token",
  "api.v1.batches.$batchId",
  "api.v1.batches.$batchParam.results",
  "api.v1.bulk-actions",
  "api.v1.bulk-actions.$bulkActionId",
  "api.v1.bulk-actions.$bulkActionId.abort",
  "api.v1.concurrency-limits",
  "api.v1.concurrency-limits.$name",
  "api.v1.errors",
  "api.v1.errors.$errorId",
  "api.v1.errors.$errorId.ignore",
  "api.v1.errors.$errorId.resolve",
  "api.v1.errors.$errorId.unresolve",
  "api.v1.idempotencyKeys.$key.reset",
  "api.v1.packets.$",
  "api.v1.prompts.$slug",
  "api.v1.prompts.$slug.override",
  "api.v1.prompts.$slug.override.reactivate",
  "api.v1.prompts.$slug.promote",
  "api.v1.prompts.$slug.versions",
  "api.v1.query",
  "api.v1.query.schema",
  "api.v1.queues",
  "api.v1.queues.$queueParam",
  "api.v1.queues.$queueParam.concurrency.override",
  "api.v1.queues.$queueParam.concurrency.reset",
  "api.v1.queues.$queueParam.metrics",
  "api.v1.queues.$queueParam.pause",
  "api.v1.runs",
  "api.v1.runs.$runFriendlyId.input-streams.wait",
  "api.v1.runs.$runFriendlyId.session-streams.wait",
  "api.v1.runs.$runId.events",
  "api.v1.runs.$runId.metadata",
  "api.v1.runs.$runId.packets.$field",
  "api.v1.runs.$runId.spans.$spanId",
  "api.v1.runs.$runId.tags",
  "api.v1.runs.$runId.trace",
  "api.v1.runs.$runParam.replay",
  "api.v1.runs.$runParam.reschedule",
  "api.v1.runs.$runParam.result",
  "api.v1.schedules",
  "api.v1.schedules.$scheduleId",
  "api.v1.schedules.$scheduleId.activate",
  "api.v1.schedules.$scheduleId.deactivate",
  "api.v1.sessions",
  "api.v1.sessions.$session",
  "api.v1.sessions.$session.close",
  "api.v1.sessions.$session.end-and-continue",
  "api.v1.sessions.$session.transcript",
  "api.v1.sessions.$sessionId.snapshot-url",
  "api.v1.tasks.$taskId.batch",
  "api.v1.tasks.$taskId.trigger",
  "api.v1.tasks.batch",
  "api.v1.timezones",
  "api.v1.waitpoints.tokens",
  "api.v1.waitpoints.tokens.$waitpointFriendlyId",
  "api.v1.waitpoints.tokens.$waitpointFriendlyId.callback.$hash",
  "api.v1.waitpoints.tokens.$waitpointFriendlyId.complete",
  "api.v1.webhooks.deliveries",
  "api.v1.webhooks.deliveries.$deliveryId",
  "api.v1.webhooks.deliveries.$deliveryId.replay",
  "api.v1.webhooks.endpoints",
  "api.v1.webhooks.endpoints.$endpointId",
  "api.v1.webhooks.endpoints.$endpointId.disable",
  "api.v1.webhooks.endpoints.$endpointId.enable",
  "api.v1.webhooks.endpoints.$endpointId.rotate-secret",
  "api.v1.whoami",
  "api.v2.batches.$batchId",
  "api.v2.packets.$",
  "api.v2.runs.$runParam.cancel",
  "api.v2.tasks.batch",
  "api.v2.whoami",
  "api.v3.batches",
  "api.v3.batches.$batchId.items",
  "api.v3.runs.$runId",
  "engine.v1.runs.$runFriendlyId.wait.duration",
  "engine.v1.runs.$runFriendlyId.waitpoints.tokens.$waitpointFriendlyId.wait",
  "realtime.v1.batches.$batchId",
  "realtime.v1.runs",
  "realtime.v1.runs.$runId",
  "realtime.v1.sessions.$session.$io",
  "realtime.v1.sessions.$session.$io.append",
  "realtime.v1.sessions.$session.$io.records",
  "realtime.v1.sessions.$session.channels.$name.$io",
  "realtime.v1.sessions.$session.channels.$name.$io.append",
  "realtime.v1.sessions.$session.channels.$name.$io.records",
  "realtime.v1.streams.$runId.$streamId",
  "realtime.v1.streams.$runId.$target.$streamId",
  "realtime.v1.streams.$runId.$target.$streamId.append",
  "realtime.v1.streams.$runId.input.$streamId",
  "webhooks.v1.accounts",
  "webhooks.v1.ingest.$opaqueId",
] as const;

/** The name of one of the route files. */
export type RouteFile = typeof ROUTE_FILES[number];

/** A route as Remix's manifest has it. */
export interface RouteNode {
  readonly id: string;
  readonly parentId: string;
  /** Relative to the parent's. */
  readonly path: string;
  readonly file: RouteFile;
}

/** The tree. */
export function routeNodes(): RouteNode[] {
  return ROUTE_FILES.map((file) => {
    const parent = ROUTE_FILES.filter((other) => file.startsWith(`${other}.`)).sort((a, b) => b.length - a.length)[0];
    const own = parent === undefined ? file : file.slice(parent.length + 1);
    const path = own.split(".").map((segment) => segment === "$" ? "*" : segment.replace(/^\$/, ":")).join("/");
    return { id: `routes/${file}`, parentId: parent === undefined ? "root" : `routes/${parent}`, path, file };
  });
}
