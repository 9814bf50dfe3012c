/**
 * The proxy: the order of the steps, and which request takes which of them.
 *
 * @module
 */
import type { IRequest, IttyRouterType } from "itty-router";
// The package's front door would bring its other routers and its responses into every bundle.
import { IttyRouter } from "itty-router/IttyRouter";
import { decodeLoosely, readBody, refuseEncoded } from "./body.ts";
import { type Call, forward, headersOf, isGuarded, type Plugs, tell } from "./call.ts";
import { compile } from "./compile.ts";
import { METHODS, preflight, setCors } from "./cors.ts";
import { Refusal, refusalResponse } from "./errors.ts";
import { guardHead } from "./guard.ts";
import { OVERLOADED_RETRY_SECONDS } from "./limits.ts";
import type { Config, Options } from "./options.ts";
import { notOffered, serveHealth } from "./own.ts";
import { PLUGS } from "./plugs.ts";
import { match, refuseNamedRoute, type RouteName, ROUTES } from "./routes.ts";
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
    const { name, path } = match(below(config.basePath, pathname));
    call.route = name;
    call.path = path;
    call.search = search;
    if (platform?.overloaded === true) refuseOverload(name);
    guardHead(config.guard, call.caller, name, method);
    // What is dispatched on is what is forwarded: the canonical path.
    response = await ROUTER.fetch({ method, url: `http://proxy.invalid${path}` }, call);
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

/** Servers that make a URL of the Host header find out late that there is none, such as for a port above 65535. */
function urlOf(request: Request): URL {
  try {
    return new URL(request.url);
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
  tell(call, isFailure ? { type: "failed", code, status, cause } : { type: "refused", code, status });
  return refusalResponse(refusal);
}

const ROUTER = /* @__PURE__ */ createRouter();

function createRouter(): IttyRouterType<IRequest, [Call], Response> {
  const router = IttyRouter<IRequest, [Call], Response>();
  router.post(pathOf("create"), (_, call) => stampCreate(call));
  router.post(pathOf("append"), ({ params }, call) => stampAppend(call, idOf(params["session"]!)));
  router.post(pathOf("pass"), (_, call) => call.plugs?.issuePass(call) ?? notOffered());
  for (const read of ["get", "head"] as const) {
    router[read](pathOf("jwks"), (_, call) => call.plugs?.serveKeys(call) ?? notOffered());
    router[read](pathOf("health"), serveHealth);
    router[read](pathOf("ready"), (_, call) => call.plugs?.serveReadiness(call) ?? notOffered());
  }
  // What is the proxy's own is never the upstream's, whatever the method.
  for (const own of ["pass", "jwks", "health", "ready"] as const) router.all(pathOf(own), notOffered);
  router.all("*", (_, call) => passThrough(call));
  return router;
}

/** An id as the upstream's router gives it: decoded, and a `%2F` that is left then stands for a slash, too. */
function idOf(segment: string): string {
  return decodeURIComponent(segment).replaceAll("%2F", "/");
}

function pathOf(name: RouteName): string {
  return ROUTES.find((route) => route.name === name)!.path;
}

/** Everything in which nothing is stamped: handed on as it came, through the tripwire where a public token sends it. */
async function passThrough(call: Call): Promise<Response> {
  const { request, method, config } = call;
  const headers = headersOf(call);
  if (method === "GET" || method === "HEAD" || request.body === null) {
    return await forward(call, { headers, body: null });
  }
  if (isGuarded(call)) {
    refuseEncoded(request.headers);
    const { heldBodyBytes, bodyTimeoutMs } = config.limits;
    const bytes = await readBody(request, heldBodyBytes, bodyTimeoutMs);
    tripwire(decodeLoosely(bytes), config.namespace);
    return await forward(call, { headers, body: bytes });
  }
  const length = request.headers.get("content-length");
  if (length !== null) headers.set("content-length", length);
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
