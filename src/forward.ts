/**
 * The way out and the way back: one fixed origin, clean headers both ways, bodies handed on.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { APPEND_ATTEMPTS, APPEND_PAUSE_MS } from "./limits.ts";
import type { Config } from "./options.ts";
import type { Caller } from "./tokens.ts";
import type { Platform } from "./trust.ts";

/** What the way out needs to know of a call. */
export interface Sendable {
  readonly config: Config;
  readonly request: Request;
  readonly method: string;
  /** The canonical path and the query as it came. */
  readonly path: string;
  readonly search: string;
  readonly caller: Caller;
  readonly platform: Platform | undefined;
}

/** How a call goes out. */
export interface Way {
  readonly headers: Headers;
  /** Bytes or text that the proxy holds, a stream that it never looked at, or nothing. */
  readonly body: Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array> | null;
  /** Whether the call is carried through when the caller goes away: its message has arrived whole. */
  readonly carried?: boolean;
  /** Whether it may be sent again when no answer began: appends are idempotent by `X-Part-Id`. */
  readonly repeatable?: boolean;
}

/**
 * What is never forwarded. Hop-by-hop headers are these, whatever a client's `Connection` lists
 * (RFC 9110 §7.6.1): a client does not choose which headers go. `Host` and `Content-Length` are the
 * next hop's own.
 */
const NOT_FORWARDED = namesOf(
  "connection keep-alive te trailer transfer-encoding upgrade http2-settings host content-length cookie expect forwarded accept-encoding x-edge-pass",
);
const NOT_RETURNED = namesOf("connection keep-alive te trailer transfer-encoding upgrade set-cookie alt-svc");

function namesOf(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

/** Statuses whose responses have no body (Fetch Standard, "null body status"). */
const NO_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

/**
 * The codings that the runtime undoes in what it fetches, while it leaves `Content-Encoding` on it:
 * Node several at once, Bun one, Deno and workerd none, since they hand on the bytes as they came when
 * an `Accept-Encoding` was set (measured on node 24.21, bun 1.4.5, deno 2.9.6, workerd 2026-11-17).
 * `navigator.userAgent` is how a runtime names itself (WinterTC Minimum Common API).
 */
const RUNTIME = globalThis.navigator?.userAgent ?? "";
const INFLATED = inflatedBy(RUNTIME);

/**
 * Whether the headers of what was fetched may be changed. In Bun they may, and its body then never
 * becomes a stream of JavaScript's; by the Fetch Standard they may not ("immutable" guard).
 */
const IS_OWN = RUNTIME.startsWith("Bun");

function inflatedBy(runtime: string): RegExp | undefined {
  if (runtime.startsWith("Node.js")) return /^(?:(?:gzip|x-gzip|deflate|br|zstd)(?:\s*,\s*|$))+$/i;
  if (runtime.startsWith("Bun")) return /^(?:gzip|x-gzip|deflate|br|zstd)$/i;
  return undefined;
}

/**
 * The request headers as they go upstream. Never a client address, a cookie, or a header of the provider's. Throws
 * `edge_head_too_large` where what came is over `limitBytes`.
 */
export function outgoingHeaders(request: Request, consumes: ReadonlySet<string>, limitBytes: number): Headers {
  const given = request.headers;
  const headers = new Headers(given);
  let headBytes = request.url.length;
  const isDropped = (name: string, value: string): boolean => {
    headBytes += name.length + value.length;
    return NOT_FORWARDED.has(name) || consumes.has(name) || name.startsWith("proxy-") ||
      name.startsWith("x-forwarded-");
  };
  const dropped = namesIn(given, isDropped);
  if (headBytes > limitBytes) {
    throw new Refusal("edge_head_too_large", { detail: `${headBytes - limitBytes} bytes over ${limitBytes}` });
  }
  for (const name of dropped) headers.delete(name);
  // Between here and the upstream compression gains little, and what is not compressed is delivered at once.
  headers.set("accept-encoding", "identity");
  return headers;
}

/** The names of the headers that there are of those to drop: removing one costs more than looking, there or not. */
function namesIn(headers: Headers, isDropped: (name: string, value: string) => boolean): string[] {
  const names: string[] = [];
  headers.forEach((value, name) => {
    if (isDropped(name, value)) names.push(name);
  });
  return names;
}

/**
 * Sends a request upstream and gives the upstream's response as it came. Throws
 * `edge_upstream_unreachable` where no answer began, `edge_upstream_timeout` where it was late, and
 * `edge_stopping` where this server is told to stop before a patient one began.
 */
export async function send(call: Sendable, { headers, body, carried, repeatable }: Way): Promise<Response> {
  const { config: { limits }, request, method, platform } = call;
  // Reads under `/realtime/` answer late: they are waited for without end, and cut when this server stops.
  const patient = call.path.startsWith("/realtime/") && (method === "GET" || method === "HEAD");
  const deadline = new AbortController();
  // One deadline for all attempts: trying again never makes a caller wait longer.
  const timer = patient ? undefined : setTimeout(() => deadline.abort(LATE), limits.upstreamTimeoutMs);
  if (!carried && !patient) {
    const { signal } = request;
    // With a reason at hand, none is made: Deno aborts this signal after each answer.
    const abort = (): void => deadline.abort(GONE);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }
  const init = {
    method,
    headers,
    // Text brings a Content-Type of its own where there is none (Fetch Standard, "extract a body").
    body: typeof body === "string" && !headers.has("content-type") ? new TextEncoder().encode(body) : body,
    redirect: "manual",
    signal: patient ? readSignal(call) : deadline.signal,
    ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
  } as RequestInit;
  try {
    for (let attempt = 1;; attempt++) {
      try {
        return await fetch(target(call) + call.search, init);
      } catch (cause) {
        if (patient && platform?.draining?.aborted) throw new Refusal("edge_stopping", { cause });
        if (deadline.signal.reason === LATE) throw new Refusal("edge_upstream_timeout", { cause });
        if (!repeatable || attempt === APPEND_ATTEMPTS) throw new Refusal("edge_upstream_unreachable", { cause });
      }
      if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, APPEND_PAUSE_MS));
    }
  } finally {
    clearTimeout(timer);
  }
}

function target({ config: { origin, prefix }, path }: Sendable): string {
  return origin + prefix + path;
}

function readSignal({ request, platform }: Sendable): AbortSignal {
  const draining = platform?.draining;
  return draining === undefined ? request.signal : AbortSignal.any([request.signal, draining]);
}

const LATE = new Error("the upstream is late");
const GONE = new Error("the caller went away");

/** The response as the caller gets it: its body handed on, its headers cleaned. CORS is set by the caller of this. */
export function incoming(call: Sendable, response: Response): Response {
  const headers = IS_OWN ? response.headers : new Headers(response.headers);
  const isDropped = (name: string): boolean =>
    NOT_RETURNED.has(name) || name.startsWith("proxy-") || name.startsWith("access-control-") ||
    (call.caller === "public" && name.startsWith("x-s2-"));
  for (const name of namesIn(response.headers, isDropped)) headers.delete(name);
  if (INFLATED?.test(headers.get("content-encoding") ?? "")) {
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  const location = headers.get("location");
  if (location !== null) rewriteLocation(call.config, headers, location, target(call));
  if (IS_OWN) return response;
  const { status, statusText } = response;
  return new Response(NO_BODY.has(status) ? null : response.body, { status, statusText, headers });
}

/** A redirect stays on the proxy, or goes nowhere: no caller learns another host, or takes its token there. */
function rewriteLocation({ origin, prefix, basePath }: Config, headers: Headers, location: string, from: string): void {
  headers.delete("location");
  const url = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (url === undefined || url.origin !== origin || !`${url.pathname}/`.startsWith(`${prefix}/`)) return;
  const path = url.pathname.slice(prefix.length);
  // Two slashes at the beginning would be another host.
  if (!path.startsWith("//")) headers.set("location", basePath + path + url.search + url.hash);
}
