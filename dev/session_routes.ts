/** `/api/v1/sessions` and what lies under it. */

import type * as v from "valibot";
import { forbidden, json } from "./answers.ts";
import { type Call, type Context, type Handler, sessionResources } from "./context.ts";
import { filterValues, isInTime, page } from "./pages.ts";
import { readBody } from "./read_body.ts";
import { closeSchema, createSchema, endAndContinueSchema, updateSchema } from "./session_body.ts";
import { addressingKey, isExpired, type Session, statusOf } from "./sessions.ts";
import { may, mayAll, mintSessionToken } from "./tokens.ts";

const CREATE_LIMIT_BYTES = 32 * 1024;
const SMALL_LIMIT_BYTES = 1024;

export const createSession: Handler = async (context, { request, caller }) => {
  const body = await readBody(request, createSchema, CREATE_LIMIT_BYTES);
  if (body instanceof Response) return body;
  if (!may(caller, "write", [{ type: "tasks", id: body.taskIdentifier }, { type: "sessions" }])) return forbidden();
  const { session, isCached } = context.sessions.upsert(body);
  if (session.closedAt !== null) return gone("closed");
  if (isExpired(session, context.clock())) return gone("expired");
  const run = context.runs.ensure(session);
  context.hooks.onCreate?.(session, isCached);
  const publicAccessToken = await mintSessionToken(context.environment, addressingKey(session), context.clock());
  return json({ ...serialize(session), runId: run.id, publicAccessToken, isCached }, isCached ? 200 : 201);
};

function gone(state: "closed" | "expired"): Response {
  return json({ error: `Session is ${state}; use a different externalId to create a new session` }, 409);
}

export const listSessions: Handler = async (context, { url, caller }) => {
  const query = url.searchParams;
  const tasks = filterValues(query, "taskIdentifier");
  const broad = may(caller, "read", [{ type: "sessions" }, { type: "tasks" }]);
  if (!broad && (tasks.length === 0 || !mayAll(caller, "read", tasks.map((id) => ({ type: "tasks", id }))))) {
    return forbidden();
  }
  const now = context.clock();
  const wanted = (name: string, values: readonly string[]) => {
    const asked = filterValues(query, name);
    return asked.length === 0 || asked.some((value) => values.includes(value));
  };
  const rows = context.sessions.list().filter((row) =>
    wanted("type", [row.type]) && wanted("tags", row.tags) && wanted("taskIdentifier", [row.taskIdentifier]) &&
    wanted("status", [statusOf(row, now)]) && wanted("externalId", row.externalId === null ? [] : [row.externalId]) &&
    isInTime(row, query, now)
  );
  return page(rows, query, serializeRow);
};

export const retrieveSession: Handler = async (context, { params, caller }) => {
  const session = context.sessions.find(params["session"] ?? "");
  if (session === undefined) return json({ error: "Not found" }, 404, { "x-should-retry": "false" });
  const names = sessionResources(session.id, session);
  return may(caller, "read", names) ? json(serialize(session)) : forbidden();
};

export const updateSession: Handler = async (context, call) => {
  const found = await readAdmin(context, call, CREATE_LIMIT_BYTES, updateSchema);
  if (found instanceof Response) return found;
  const { session, body } = found;
  if (body.externalId !== undefined && body.externalId !== session.externalId) {
    return json({ error: "externalId cannot be changed after creation; close this session and create a new one" }, 422);
  }
  const { tags = session.tags, metadata = session.metadata } = body;
  context.sessions.change(session, { tags, metadata });
  return json(serialize(session));
};

export const closeSession: Handler = async (context, call) => {
  const found = await readAdmin(context, call, SMALL_LIMIT_BYTES, closeSchema);
  if (found instanceof Response) return found;
  const { session, body } = found;
  // Closed once: a second close answers with the first one's date and reason.
  if (session.closedAt === null) {
    context.sessions.change(session, { closedAt: context.clock(), closedReason: body.reason ?? null });
  }
  return json(serialize(session));
};

export const endAndContinue: Handler = async (context, { request, params, caller }) => {
  const addressed = params["session"] ?? "";
  const body = await readBody(request, endAndContinueSchema, SMALL_LIMIT_BYTES);
  if (body instanceof Response) return body;
  const session = context.sessions.find(addressed);
  if (!may(caller, "write", sessionResources(addressed, session))) return forbidden();
  if (session === undefined) return json({ error: "Resource not found" }, 404);
  if (session.closedAt !== null) return json({ error: "Cannot end-and-continue a closed session" }, 400);
  if (isExpired(session, context.clock())) return json({ error: "Cannot end-and-continue an expired session" }, 400);
  if (context.runs.find(body.callingRunId) === undefined) {
    return json({ error: "callingRunId not found in this environment" }, 404);
  }
  return json(context.runs.swap(session, body.callingRunId));
};

/** The checks of the routes that need `admin`: in effect the secret key. */
async function readAdmin<S extends v.GenericSchema>(
  context: Context,
  { request, params, caller }: Call,
  limitBytes: number,
  schema: S,
): Promise<Response | { session: Session; body: v.InferOutput<S> }> {
  const addressed = params["session"] ?? "";
  const body = await readBody(request, schema, limitBytes);
  if (body instanceof Response) return body;
  if (!may(caller, "admin", [{ type: "sessions", id: addressed }])) return forbidden();
  const session = context.sessions.find(addressed);
  return session === undefined ? json({ error: "Session not found" }, 404) : { session, body };
}

function serialize(session: Session): object {
  return { ...session };
}

/** A list does not look up which run is live. */
function serializeRow({ currentRunId: _live, ...row }: Session): object {
  return row;
}
