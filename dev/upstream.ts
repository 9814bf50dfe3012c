/**
 * A local Trigger.dev, as far as chats go: sessions, their two streams, and the tokens for them, in memory.
 *
 * One handler from request to response. It answers as the real server was measured to answer, oddities included, so that
 * what holds here holds there. What it does not have is answered with 404, as any unknown route.
 */

import { json, preflight, withCors, wrongMethod } from "./answers.ts";
import { append, initialize, records, subscribe } from "./channel_routes.ts";
import type { Context, Handler, Hooks } from "./context.ts";
import { type Ids, randomIds } from "./ids.ts";
import { createObjects, snapshotUrl } from "./objects.ts";
import { matchPath } from "./paths.ts";
import { type AgentRunner, createRuns, type Runs } from "./runs.ts";
import { closeSession, createSession, endAndContinue, listSessions, retrieveSession, updateSession } from "./session_routes.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createStore } from "./store.ts";
import { createStreams, type Streams } from "./streams.ts";
import { authenticate, type Environment } from "./tokens.ts";

export interface UpstreamOptions extends Hooks {
  readonly secretKey?: string;
  readonly environmentId?: string;
  readonly clock?: () => Date;
  readonly ids?: Ids;
  /** Executes the runs that sessions schedule. */
  readonly runner?: AgentRunner;
  /** The status of an append to a closed session: 400 as the server was measured, 409 as newer SDKs expect it. */
  readonly closedAppend?: 400 | 409;
}

export interface Upstream {
  fetch(request: Request): Promise<Response>;
  readonly environment: Environment;
  readonly sessions: Sessions;
  readonly streams: Streams;
  readonly runs: Runs;
}

const CHANNEL = "/realtime/v1/sessions/:session";
const PATTERNS = {
  sessions: "/api/v1/sessions",
  session: "/api/v1/sessions/:session",
  close: "/api/v1/sessions/:session/close",
  endAndContinue: "/api/v1/sessions/:session/end-and-continue",
  snapshotUrl: "/api/v1/sessions/:session/snapshot-url",
  claims: "/api/v1/auth/jwt/claims",
  channel: `${CHANNEL}/:io`,
  append: `${CHANNEL}/:io/append`,
  records: `${CHANNEL}/:io/records`,
  sideChannel: `${CHANNEL}/channels/:channel/:io`,
  sideAppend: `${CHANNEL}/channels/:channel/:io/append`,
  sideRecords: `${CHANNEL}/channels/:channel/:io/records`,
  object: "/objects/:key",
  store: "/s2/v1/streams/:name/records",
} as const;

type RouteName = keyof typeof PATTERNS;
type Methods = Readonly<Record<string, Handler>>;

/** What the SDK asks for before it signs a public token itself. A public token may not. */
const claims: Handler = async ({ environment }, { caller }) =>
  caller.kind === "private" ? json({ sub: environment.id, pub: true }) : json({ error: "Invalid or Missing API key" }, 401);

const reading: Methods = { GET: subscribe, HEAD: subscribe, PUT: initialize };
const ROUTES: Readonly<Record<Exclude<RouteName, "object" | "store">, Methods>> = {
  sessions: { GET: listSessions, POST: createSession },
  session: { GET: retrieveSession, PATCH: updateSession },
  close: { POST: closeSession },
  endAndContinue: { POST: endAndContinue },
  snapshotUrl: { GET: snapshotUrl, PUT: snapshotUrl },
  claims: { POST: claims },
  channel: reading,
  append: { POST: append },
  records: { GET: records, HEAD: records },
  sideChannel: reading,
  sideAppend: { POST: append },
  sideRecords: { GET: records, HEAD: records },
};

export function createUpstream(options: UpstreamOptions = {}): Upstream {
  const clock = options.clock ?? (() => new Date());
  const ids = options.ids ?? randomIds();
  const streams = createStreams(clock);
  const context: Context = {
    environment: { id: options.environmentId ?? "env_local", secretKey: options.secretKey ?? "tr_dev_local" },
    clock,
    ids,
    sessions: createSessions(ids, clock),
    streams,
    runs: createRuns(ids, options.runner),
    store: createStore(streams, ids),
    objects: createObjects(ids),
    hooks: options,
    closedAppend: options.closedAppend ?? 400,
  };
  const { environment, sessions, runs } = context;
  return { fetch: (request) => answer(context, request), environment, sessions, streams, runs };
}

async function answer(context: Context, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const match = matchPath<RouteName>(PATTERNS, url.pathname);
  if (match === "malformed") return json({ error: "Bad Request" }, 400);
  if (match === "moved") return Response.redirect(new URL(url.pathname.replace(/\/+$/, "") + url.search, url), 301);
  if (match === undefined) return json({ error: "Not Found" }, 404);
  const { name, params } = match;
  if (name === "object") return context.objects.answer(request, params["key"] ?? "", url);
  if (name === "store") return context.store.append(request, params["name"] ?? "");
  const methods = ROUTES[name];
  if (request.method === "OPTIONS") return preflight(request);
  const handler = methods[request.method];
  if (handler === undefined) return refuseMethod(request, methods);
  const caller = await authenticate(context.environment, request, context.clock());
  if (typeof caller === "string") return withCors(request, json({ error: caller }, 401));
  return withCors(request, await handler(context, { request, url, params, caller }));
}

/** Reading what can only be written carries no CORS headers; every other wrong method does. */
function refuseMethod(request: Request, methods: Methods): Response {
  if (request.method === "GET" || request.method === "HEAD") return new Response(null, { status: 405 });
  return withCors(request, wrongMethod(Object.keys(methods).find((method) => method !== "GET" && method !== "HEAD") ?? ""));
}
