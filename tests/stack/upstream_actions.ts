/**
 * What the routes of the stack accept, by the rules that the real ones were measured to have: methods, lengths, the
 * `io` of a channel, the schema of a create. Scopes are not checked, so the stack accepts more than the real one does.
 */
import { CreateSessionRequestBody } from "@trigger.dev/core/v3";
import type { RouteFile } from "./route_files.ts";

/** One request that a route took. */
export interface Accepted {
  readonly route: RouteFile;
  readonly method: string;
  /** Path and query as the stack saw them. */
  readonly url: string;
  /** Decoded, as the router gives them. */
  readonly params: Readonly<Record<string, string | undefined>>;
  /** As `await request.text()` reads it. */
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether it came with the secret key or a run's token. */
  readonly isPrivate: boolean;
}

/** What a route is called with. */
export interface RouteCall {
  readonly request: Request;
  readonly params: Readonly<Record<string, string | undefined>>;
}

/** How a route file treats a call. */
interface Rule {
  readonly methods: readonly string[];
  /** Whether a public token may come at all. */
  readonly allowsPublic: boolean;
  readonly maxBytes?: number;
  readonly judge?: (call: RouteCall, body: string, isPrivate: boolean) => number;
}

const CREATE_BYTES = 32 * 1024;
const APPEND_BYTES = 1024 * 1024;
const SMALL_BYTES = 1024;
const OPEN: Rule = { methods: ["POST", "PUT", "PATCH", "DELETE"], allowsPublic: true };

const channelIo = ({ params: { io } }: RouteCall): boolean => io === "in" || io === "out";
/** Only the agent writes to its own side. */
const channelStatus = (call: RouteCall, _: string, isPrivate: boolean): number => {
  if (!channelIo(call)) return 400;
  return call.params["io"] === "out" && !isPrivate ? 403 : 200;
};
const CHANNEL: Rule = { methods: ["PUT"], allowsPublic: true, judge: channelStatus };
const APPEND: Rule = { methods: ["POST"], allowsPublic: true, maxBytes: APPEND_BYTES, judge: channelStatus };

const RULES: Partial<Record<RouteFile, Rule>> = {
  "api.v1.sessions": {
    methods: ["POST"],
    allowsPublic: true,
    maxBytes: CREATE_BYTES,
    judge: (_, body) => createStatus(body),
  },
  "api.v1.sessions.$session": { methods: ["PATCH"], allowsPublic: false, maxBytes: CREATE_BYTES },
  "api.v1.sessions.$session.close": { methods: ["POST"], allowsPublic: false, maxBytes: SMALL_BYTES },
  "api.v1.sessions.$session.end-and-continue": { methods: ["POST"], allowsPublic: true, maxBytes: SMALL_BYTES },
  "api.v1.sessions.$sessionId.snapshot-url": { methods: ["PUT"], allowsPublic: true },
  "realtime.v1.sessions.$session.$io": CHANNEL,
  "realtime.v1.sessions.$session.$io.append": APPEND,
  "realtime.v1.sessions.$session.channels.$name.$io": CHANNEL,
  "realtime.v1.sessions.$session.channels.$name.$io.append": APPEND,
  "api.v1.packets.$": { methods: ["PUT"], allowsPublic: false },
  "api.v2.packets.$": { methods: ["PUT"], allowsPublic: false },
  "api.v1.auth.jwt": { methods: ["POST"], allowsPublic: false },
  "api.v1.auth.jwt.claims": { methods: ["POST"], allowsPublic: false },
  "api.v1.auth.public-tokens": { methods: ["POST"], allowsPublic: false },
};

function createStatus(body: string): number {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return 400;
  }
  return CreateSessionRequestBody.safeParse(value).success ? 201 : 400;
}

/** Runs a route's action; tells `accept` of what it took. */
export async function act(
  route: RouteFile,
  call: RouteCall,
  isPrivate: (token: string) => boolean,
  accept: (accepted: Accepted) => void,
): Promise<Response> {
  const { request, params } = call;
  const { methods, allowsPublic, maxBytes, judge } = RULES[route] ?? OPEN;
  if (!methods.includes(request.method)) return answer(405);
  // The scheme is taken off where it is spelled so; any other text is the token.
  const token = (request.headers.get("authorization") ?? "").replace(/^Bearer /, "").trim();
  const isServers = isPrivate(token);
  // What has the form of a key is looked up as one, and is never a public token.
  if (!isServers && token.startsWith("tr_")) return answer(401);
  if (!isServers && !allowsPublic) return answer(403);
  const length = request.headers.get("content-length");
  if (maxBytes !== undefined && (length === null || Number.parseInt(length) > maxBytes)) return answer(413);
  const body = await request.text();
  const status = judge?.(call, body, isServers) ?? 200;
  if (status >= 400) return answer(status);
  const { pathname, search } = new URL(request.url);
  const headers = Object.fromEntries(request.headers);
  accept({ route, method: request.method, url: pathname + search, params, body, headers, isPrivate: isServers });
  const response = answer(status);
  // What a channel's PUT is for: credentials for the stream store.
  if (route.endsWith("$io")) response.headers.set("x-s2-access-token", "s2_secret");
  return response;
}

/** Runs a route's loader: reads are accepted as they come. */
export function load(route: RouteFile, call: RouteCall): Response {
  if (route.includes("$io") && !channelIo(call)) return answer(400);
  return route.endsWith(".append") ? answer(405) : answer(200, { read: route });
}

function answer(status: number, body: object = { ok: status < 400 }): Response {
  return Response.json(body, { status });
}
