/**
 * A local Trigger.dev, as far as clients go: sessions and their two streams, runs and what can be watched of them, wait
 * tokens, and the tokens for all of these. In memory, or written down in a journal.
 *
 * One handler from request to response. It answers as the real server was measured to answer, oddities included, so that
 * what holds here holds there. What it does not have is answered with 404, as any unknown route.
 */

import { json, preflight, withCors, wrongMethod } from "./answers.ts";
import { createBatches } from "./batches.ts";
import type { Context, Hooks } from "./context.ts";
import { type Ids, randomIds } from "./ids.ts";
import { createKeeping, type Journal } from "./journal.ts";
import { createObjects } from "./objects.ts";
import { matchPath } from "./paths.ts";
import { recover } from "./recover.ts";
import { type Methods, OPEN_ROUTES, ROUTES } from "./routes.ts";
import { type AgentRunner, createRuns, type Runs } from "./runs.ts";
import { createSessions, type Sessions } from "./sessions.ts";
import { createSigner } from "./signer.ts";
import { createStore } from "./store.ts";
import { createStreams, type Streams } from "./streams.ts";
import { authenticate, type Environment } from "./tokens.ts";
import { createUsedTokens } from "./used_tokens.ts";
import { completeByUrl } from "./waitpoint_routes.ts";
import { createWaitpoints, type Waitpoints } from "./waitpoints.ts";

/** What {@link createUpstream} can be told. */
export interface UpstreamOptions extends Hooks {
  readonly secretKey?: string;
  readonly environmentId?: string;
  /** What time it is; tokens and dates go by it. */
  readonly clock?: () => Date;
  readonly ids?: Ids;
  /** Executes the runs that sessions schedule and callers trigger. */
  readonly runner?: AgentRunner;
  /** The status of an append to a closed session: 400 as the server was measured, 409 as newer SDKs expect it. */
  readonly closedAppend?: 400 | 409;
  /** How long a live query of runs is held when nothing changes. The real server holds it for about as long. */
  readonly livePollSeconds?: number;
  /** Where everything is written down, so that the next start goes on where this one ended. */
  readonly journal?: Journal;
}

/** A local Trigger.dev: one `fetch` over all of its routes, and what is behind them. */
export interface Upstream {
  fetch(request: Request): Promise<Response>;
  /** Starts again what was under way when the process before this one died. Once runs can reach the upstream. */
  recover(): void;
  readonly environment: Environment;
  readonly sessions: Sessions;
  readonly streams: Streams;
  readonly runs: Runs;
  readonly waitpoints: Waitpoints;
}

const LIVE_POLL_SECONDS = 20;

/** Makes a local Trigger.dev. It listens nowhere and starts no thread. */
export function createUpstream(options: UpstreamOptions = {}): Upstream {
  const context = createContext(options);
  const { environment, sessions, streams, runs, waitpoints } = context;
  const fetch = (request: Request) => answer(context, request);
  return { fetch, recover: () => recover(context), environment, sessions, streams, runs, waitpoints };
}

function createContext(options: UpstreamOptions): Context {
  const { clock = () => new Date(), ids = randomIds(), secretKey = "tr_dev_local", runner } = options;
  const keeping = createKeeping(options.journal);
  const sign = createSigner(secretKey);
  const sessions = createSessions(ids, clock, keeping);
  const streams = createStreams(clock, keeping);
  const context: Context = {
    environment: { id: options.environmentId ?? "env_local", secretKey },
    clock,
    ids,
    sign,
    sessions,
    streams,
    runs: createRuns({ ids, clock, sessions, runner, keeping }),
    batches: createBatches(ids, clock, keeping),
    waitpoints: createWaitpoints({
      ids,
      clock,
      keeping,
      resume: (runId, waitpoint) => runner?.resume?.(runId, waitpoint),
    }),
    usedTokens: createUsedTokens(keeping),
    store: createStore(streams, sign),
    objects: createObjects(sign, keeping),
    hooks: options,
    closedAppend: options.closedAppend ?? 400,
    livePollSeconds: options.livePollSeconds ?? LIVE_POLL_SECONDS,
  };
  keeping.restore();
  return context;
}

const PATTERNS: Readonly<Record<string, string>> = {
  ...OPEN_ROUTES,
  ...Object.fromEntries(Object.keys(ROUTES).map((path) => [path, path])),
};

async function answer(context: Context, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const match = matchPath(PATTERNS, url.pathname);
  if (match === "malformed") return json({ error: "Bad Request" }, 400);
  if (match === "moved") return Response.redirect(new URL(url.pathname.replace(/\/+$/, "") + url.search, url), 301);
  if (match === undefined) return json({ error: "Not Found" }, 404);
  const { name, params } = match;
  const methods = ROUTES[name];
  if (methods === undefined) return answerOpen(context, request, name as keyof typeof OPEN_ROUTES, params);
  if (request.method === "OPTIONS") return preflight(request);
  const handler = methods[request.method];
  if (handler === undefined) return refuseMethod(request, methods);
  const caller = await authenticate(context.environment, request, context.clock());
  if (typeof caller === "string") return withCors(request, json({ error: caller }, 401));
  return withCors(request, await handler(context, { request, url, params, caller }));
}

async function answerOpen(
  context: Context,
  request: Request,
  name: keyof typeof OPEN_ROUTES,
  params: Readonly<Record<string, string>>,
): Promise<Response> {
  if (name === "object") return context.objects.answer(request, params["key"] ?? "", new URL(request.url));
  if (name === "store") return context.store.append(request, params["name"] ?? "");
  if (request.method !== "POST") return wrongMethod("POST");
  return completeByUrl(context, request, params["waitpoint"] ?? "", params["signature"] ?? "");
}

/** Reading what can only be written carries no CORS headers; every other wrong method does. */
function refuseMethod(request: Request, methods: Methods): Response {
  if (request.method === "GET" || request.method === "HEAD") return new Response(null, { status: 405 });
  return withCors(
    request,
    wrongMethod(Object.keys(methods).find((method) => method !== "GET" && method !== "HEAD") ?? ""),
  );
}
