/**
 * The proxy: the order of the steps, and which request takes which of them.
 *
 * @module
 */
import { decodeLoosely, readBody, refuseEncoded } from "./body.ts";
import { type Call, forward, headersOf, isGuarded, type Plugs, tell } from "./call.ts";
import { compile } from "./compile.ts";
import { METHODS, preflight, setCors } from "./cors.ts";
import { Refusal, refusalResponse } from "./errors.ts";
import { guardHead } from "./guard.ts";
import { OVERLOADED_RETRY_SECONDS } from "./limits.ts";
import type { Config, Options } from "./options.ts";
import { isOwn, serveOwn } from "./own.ts";
import { PLUGS } from "./plugs.ts";
import { match, refuseNamedRoute, type RouteName } from "./routes.ts";
import { stampAppend, stampCreate } from "./stamped.ts";
import { classify } from "./tokens.ts";
import { tripwire } from "./tripwire.ts";
import { type Platform, type Reader, toReader, type TrustProvider } from "./trust.ts";

/** The handler of the proxy, to be called with the trust provider of the deployment. It never throws. */
export type ProxyFetch = (request: Request, trustProvider: TrustProvider, platform?: Platform) => Promise<Response>;

/** A proxy with its trust provider chosen: what a platform's server calls. */
export interface Proxy {
  /** Answers one request. Needs no `this`, and never throws. */
  fetch(request: Request, platform?: Platform): Promise<Response>;
}

/** Makes the handler for `options`. Throws a `TypeError` of one line for an option that cannot be used. */
export function createFetch(options: Options = {}): ProxyFetch {
  const config = compile(options);
  const plugs = plugsOf(options);
  return (request, trustProvider, platform) => handle(config, plugs, request, toReader(trustProvider), platform);
}

/** Makes the handler for `options`, bound to its trust provider. Throws as {@link createFetch} does. */
export function createProxy({ trust, ...options }: Options & { trust: TrustProvider }): Proxy {
  return proxyOf(compile(options), toReader(trust), plugsOf(options));
}

function plugsOf({ seal, pass, admit, ready }: Options): Plugs | undefined {
  return (seal ?? pass ?? admit ?? ready) === undefined ? undefined : PLUGS;
}

/** The same for what was checked where it was read, such as an environment. */
export function proxyOf(config: Config, reader: Reader, plugs?: Plugs): Proxy {
  return { fetch: (request, platform) => handle(config, plugs, request, reader, platform) };
}

/** {@link createFetch} with the defaults: stamps `__edge` on the way to `https://api.trigger.dev`. */
export const fetch: ProxyFetch = /* @__PURE__ */ createFetch();

const ALLOWED = METHODS.split(", ");
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

type Mutable<T> = { -readonly [key in keyof T]: T[key] };

async function handle(
  config: Config,
  plugs: Plugs | undefined,
  request: Request,
  reader: Reader,
  platform: Platform | undefined,
): Promise<Response> {
  const method = methodOf(request);
  const authorization = request.headers.get("authorization");
  const call: Mutable<Call> = {
    config,
    plugs,
    request,
    reader,
    platform,
    method,
    authorization,
    caller: classify(authorization),
    route: "other",
    path: "/",
    search: "",
    watch: config.watch?.watch(request),
  };
  if (method === "OPTIONS") return answered(call, preflight(request, config.cors));
  let response: Response;
  try {
    checkHead(method, request.headers);
    const { pathname, search } = urlOf(request);
    refuseNamedRoute(search);
    const { name, path, session } = match(below(config.basePath, pathname));
    call.route = name;
    call.path = path;
    call.search = search;
    if (platform?.overloaded === true) refuseOverload(name);
    // What is the proxy's own judges its callers itself.
    if (!isOwn(name)) guardHead(config.guard, call.caller, name, method);
    response = await dispatch(call, session);
  } catch (error) {
    response = refuse(call, error);
  }
  setCors(response.headers, config.cors, request.headers.get("origin"));
  return answered(call, response);
}

function answered({ watch, method, route, caller }: Call, response: Response): Response {
  watch?.answered(response, { method, route, caller });
  return response;
}

/** A server may hand on a method as it was spelled; the fetch that sends it on would tidy it up. */
function methodOf(request: Request): string {
  const method = request.method.toUpperCase();
  return ALLOWED.includes(method) ? method : "OTHER";
}

/** Refuses what no route could make good. */
function checkHead(method: string, headers: Headers): void {
  if (method === "OTHER") {
    throw new Refusal("edge_method_unsupported", { headers: { allow: METHODS } });
  }
  if (headers.has("upgrade")) throw new Refusal("edge_upgrade_unsupported");
  // Servers build a request's URL from this header, so one with a path in it would choose the route.
  const host = headers.get("host");
  if (host !== null && !HOST.test(host)) throw new Refusal("edge_host_invalid");
}

/** What tells whether a server lives is answered however much it has to do: it would be ended for being busy. */
function refuseOverload(route: RouteName): void {
  if (route === "health" || route === "ready") return;
  throw new Refusal("edge_overloaded", { headers: { "retry-after": String(OVERLOADED_RETRY_SECONDS) } });
}

/** A URL that parsing would not change: most are, and parsing is dear. A path with a dot may have a `..` in it. */
const PLAIN_URL = /^https?:\/\/[a-z\d.-]+(?::\d{1,4})?(\/[\w/~-]*)(\?[\w=&.,:~%+-]+)?$/;

/** Servers that make a URL of the Host header find out late that there is none, such as for a port above 65535. */
function urlOf(request: Request): { readonly pathname: string; readonly search: string } {
  try {
    const { url } = request;
    const plain = PLAIN_URL.exec(url);
    return plain === null ? new URL(url) : { pathname: plain[1]!, search: plain[2] ?? "" };
  } catch (cause) {
    throw new Refusal("edge_host_invalid", { cause });
  }
}

function below(basePath: string, pathname: string): string {
  if (basePath === "") return pathname;
  if (pathname === basePath) return "/";
  if (!pathname.startsWith(`${basePath}/`)) throw new Refusal("edge_path_outside");
  return pathname.slice(basePath.length);
}

function refuse(call: Call, error: unknown): Response {
  const refusal = error instanceof Refusal ? error : new Refusal("edge_internal", { cause: error });
  const { code, status, cause } = refusal;
  const isFailure = status >= 500 && code !== "edge_overloaded";
  try {
    const response = refusalResponse(refusal);
    tell(call, isFailure ? { type: "failed", code, status, cause } : { type: "refused", code, status });
    return response;
  } catch (cause) {
    // An admission's challenge is no JSON, or its Retry-After no header.
    return refuse(call, cause);
  }
}

/** By the route that was decided on, never by a second look at the path. */
function dispatch(call: Call, session: string | undefined): Response | Promise<Response> {
  const { route, method } = call;
  if (isOwn(route)) return serveOwn(call);
  if (method === "POST" && route === "append") return stampAppend(call, session!);
  if (method === "POST" && route === "create") return stampCreate(call);
  return passThrough(call);
}

/** Everything in which nothing is stamped: handed on as it came, through the tripwire where a public token sends it. */
async function passThrough(call: Call): Promise<Response> {
  const { request, method, config } = call;
  if (method === "GET" || method === "HEAD" || request.body === null) {
    return await forward(call, { headers: headersOf(call), body: null });
  }
  if (isGuarded(call)) {
    const headers = headersOf(call);
    refuseEncoded(request.headers);
    const { heldBodyBytes, bodyTimeoutMs } = config.limits;
    const bytes = await readBody(request, heldBodyBytes, bodyTimeoutMs);
    tripwire(decodeLoosely(bytes), config.namespace);
    return await forward(call, { headers, body: bytes });
  }
  const length = request.headers.get("content-length");
  const headers = length === null ? headersOf(call) : headersOf(call, ["content-length", length]);
  return await forward(call, { headers, body: await streamOf(request) });
}

/** A body to hand on, or `null` where there is none: Deno gives a stream to every request that may have one. */
async function streamOf({ headers, body }: Request): Promise<ReadableStream<Uint8Array> | null> {
  if (body === null || headers.get("content-length") === "0") return null;
  if (headers.has("content-length") || headers.has("transfer-encoding")) return body;
  // HTTP/1.1 would say; in HTTP/2 neither header is needed, so only the body itself can tell.
  const [probe, rest] = body.tee();
  const reader = probe.getReader();
  let first = await reader.read();
  // Deno begins an empty body with an empty chunk.
  while (!first.done && first.value.byteLength === 0) first = await reader.read();
  reader.cancel().catch(() => {});
  return first.done ? null : rest;
}
