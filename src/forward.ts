/**
 * The way out and the way back: one fixed origin, clean headers both ways, bodies handed on.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { APPEND_ATTEMPTS, APPEND_PAUSE_MS } from "./limits.ts";
import type { Config } from "./options.ts";
import type { Caller } from "./tokens.ts";

/** One request on its way out. */
export interface Outgoing {
  readonly request: Request;
  readonly method: string;
  /** The canonical path and the query as it came. */
  readonly path: string;
  readonly search: string;
  readonly headers: Headers;
  /** Bytes or text that the proxy holds, a stream that it never looked at, or nothing. */
  readonly body: Uint8Array<ArrayBuffer> | string | ReadableStream<Uint8Array> | null;
  /** Whether to wait for the answer's beginning without end: reads under `/realtime/` answer late. */
  readonly patient: boolean;
  /** Aborted when this server stops: what is `patient` is cut then. */
  readonly draining: AbortSignal | undefined;
  /** Whether the call is carried through when the caller goes away: its message has arrived whole. */
  readonly carried: boolean;
  /** Whether it may be sent again when no answer began: appends are idempotent by `X-Part-Id`. */
  readonly repeatable: boolean;
}

/**
 * What is never forwarded. Hop-by-hop headers are these, whatever a client's `Connection` lists
 * (RFC 9110 §7.6.1): a client does not choose which headers go. `Host` and `Content-Length` are the
 * next hop's own.
 */
const NOT_FORWARDED: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "http2-settings",
  "host",
  "content-length",
  "cookie",
  "expect",
  "forwarded",
  "accept-encoding",
  "x-edge-pass",
]);

const NOT_RETURNED: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "set-cookie",
  "alt-svc",
  "access-control-allow-origin",
  "access-control-allow-methods",
  "access-control-allow-headers",
  "access-control-allow-credentials",
  "access-control-expose-headers",
  "access-control-max-age",
]);

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
    return NOT_FORWARDED.has(name) || consumes.has(name) || name.startsWith("x-forwarded-");
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
export async function send(config: Config, out: Outgoing): Promise<Response> {
  const url = config.origin + config.prefix + out.path + out.search;
  // Text brings a Content-Type of its own where there is none (Fetch Standard, "extract a body").
  const isBare = typeof out.body === "string" && !out.headers.has("content-type");
  const body = isBare ? new TextEncoder().encode(out.body as string) : out.body;
  const deadline = new AbortController();
  // One deadline for all attempts: trying again never makes a caller wait longer.
  const timer = out.patient ? undefined : setTimeout(() => deadline.abort(LATE), config.limits.upstreamTimeoutMs);
  if (!out.carried && !out.patient) {
    const { signal } = out.request;
    // With a reason at hand, none is made: Deno aborts this signal after each answer.
    const abort = (): void => deadline.abort(GONE);
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  }
  const init = {
    method: out.method,
    headers: out.headers,
    body,
    redirect: "manual",
    signal: out.patient ? readSignal(out) : deadline.signal,
    ...(out.body instanceof ReadableStream ? { duplex: "half" } : {}),
  } as RequestInit;
  try {
    for (let attempt = 1;; attempt++) {
      try {
        return await fetch(url, init);
      } catch (cause) {
        if (out.patient && out.draining?.aborted) throw new Refusal("edge_stopping", { cause });
        if (deadline.signal.reason === LATE) throw new Refusal("edge_upstream_timeout", { cause });
        if (!out.repeatable || attempt === APPEND_ATTEMPTS) throw new Refusal("edge_upstream_unreachable", { cause });
      }
      if (attempt > 1) await new Promise((resolve) => setTimeout(resolve, APPEND_PAUSE_MS));
    }
  } finally {
    clearTimeout(timer);
  }
}

function readSignal({ request, draining }: Outgoing): AbortSignal {
  return draining === undefined ? request.signal : AbortSignal.any([request.signal, draining]);
}

const LATE = new Error("the upstream did not begin its answer in time");
const GONE = new Error("the caller went away");

/** The response as the caller gets it: its body handed on, its headers cleaned. CORS is set by the caller of this. */
export function incoming(config: Config, out: Outgoing, response: Response, caller: Caller): Response {
  const headers = IS_OWN ? response.headers : new Headers(response.headers);
  const isDropped = (name: string): boolean =>
    NOT_RETURNED.has(name) || (caller === "public" && name.startsWith("x-s2-"));
  for (const name of namesIn(response.headers, isDropped)) headers.delete(name);
  if (INFLATED?.test(headers.get("content-encoding") ?? "")) {
    headers.delete("content-encoding");
    headers.delete("content-length");
  }
  const location = headers.get("location");
  if (location !== null) rewriteLocation(config, headers, location, config.origin + config.prefix + out.path);
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
