/** `/api/v1/sessions` and what lies under it. */

import * as v from "valibot";
import { bodyText, forbidden, json } from "./answers.ts";
import { type Call, type Context, type Handler, sessionResources, tooLarge } from "./context.ts";
import { closeSchema, createSchema, endAndContinueSchema, updateSchema } from "./session_body.ts";
import { addressingKey, isExpired, type Session } from "./sessions.ts";
import { may, mintSessionToken } from "./tokens.ts";

const CREATE_LIMIT_BYTES = 32 * 1024;
const SMALL_LIMIT_BYTES = 1024;

export const createSession: Handler = async (context, { request, caller }) => {
  const body = tooLarge(request, CREATE_LIMIT_BYTES) ?? (await readBody(request, createSchema));
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
  const asked = url.searchParams.getAll("filter[taskIdentifier]");
  const broad = may(caller, "read", [{ type: "sessions" }, { type: "tasks" }]);
  const every = asked.length > 0 && asked.every((id) => may(caller, "read", [{ type: "tasks", id }]));
  if (!broad && !every) return forbidden();
  const type = url.searchParams.get("filter[type]");
  const externalId = url.searchParams.get("filter[externalId]");
  const rows = context.sessions
    .list()
    .filter((row) => asked.length === 0 || asked.includes(row.taskIdentifier))
    .filter((row) => (type === null || row.type === type) && (externalId === null || row.externalId === externalId));
  const page = paginate(rows, url);
  return json({ data: page.rows.map(serialize), pagination: page.next === undefined ? {} : { next: page.next } });
};

function paginate(rows: readonly Session[], url: URL): { rows: readonly Session[]; next: string | undefined } {
  const size = Number(url.searchParams.get("page[size]") ?? 20);
  const after = url.searchParams.get("page[after]");
  const start = after === null ? 0 : rows.findIndex((row) => row.id === after) + 1;
  const page = rows.slice(start, start + size);
  return { rows: page, next: start + size < rows.length ? page.at(-1)?.id : undefined };
}

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
  if (body.tags !== undefined) session.tags = body.tags;
  if (body.metadata !== undefined) session.metadata = body.metadata;
  session.updatedAt = context.clock();
  return json(serialize(session));
};

export const closeSession: Handler = async (context, call) => {
  const found = await readAdmin(context, call, SMALL_LIMIT_BYTES, closeSchema);
  if (found instanceof Response) return found;
  const { session, body } = found;
  // Closed once: a second close answers with the first one's date and reason.
  if (session.closedAt === null) {
    session.closedAt = context.clock();
    session.closedReason = body.reason ?? null;
  }
  return json(serialize(session));
};

export const endAndContinue: Handler = async (context, { request, params, caller }) => {
  const addressed = params["session"] ?? "";
  const body = tooLarge(request, SMALL_LIMIT_BYTES) ?? (await readBody(request, endAndContinueSchema));
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
  const body = tooLarge(request, limitBytes) ?? (await readBody(request, schema));
  if (body instanceof Response) return body;
  if (!may(caller, "admin", [{ type: "sessions", id: addressed }])) return forbidden();
  const session = context.sessions.find(addressed);
  return session === undefined ? json({ error: "Session not found" }, 404) : { session, body };
}

async function readBody<S extends v.GenericSchema>(request: Request, schema: S): Promise<Response | v.InferOutput<S>> {
  const text = await bodyText(request);
  if (text.length === 0) return json({ error: "Request body is empty" }, 400);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return json({ error: "Invalid JSON" }, 400);
  }
  const parsed = v.safeParse(schema, value);
  return parsed.success ? parsed.output : json({ error: `Validation error: ${v.summarize(parsed.issues)}` }, 400);
}

function serialize(session: Session): object {
  return { ...session };
}
