/**
 * The way out and the way back: one fixed origin, clean headers both ways, bodies handed on.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { type Carried, incomingHeaders, IS_OWN, withHeader } from "./heads.ts";
import { type Held, lengthOf, streamOf } from "./held.ts";
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
  readonly headers: Carried;
  /** What the proxy holds, a stream that it never looked at, or nothing. */
  readonly body: Held | ReadableStream<Uint8Array> | null;
  /** Whether the call is carried through when the caller goes away: its message has arrived whole. */
  readonly carried?: boolean;
  /** Whether it may be sent again when no answer began: appends are idempotent by `X-Part-Id`. */
  readonly repeatable?: boolean;
}

/** Statuses whose responses have no body (Fetch Standard, "null body status"). */
const NO_BODY: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

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
  const isInPieces = Array.isArray(body);
  const init = {
    method,
    headers: isInPieces ? withHeader(headers, ["content-length", String(lengthOf(body))]) : headers,
    // Text brings a Content-Type of its own where there is none (Fetch Standard, "extract a body").
    body: typeof body === "string" && !request.headers.has("content-type") ? new TextEncoder().encode(body) : body,
    redirect: "manual",
    signal: patient ? readSignal(call) : deadline.signal,
    // What a stream needs, and nothing else minds.
    duplex: "half",
  } as RequestInit;
  try {
    for (let attempt = 1;; attempt++) {
      try {
        // A stream is read once, and each attempt needs the body whole.
        if (isInPieces) init.body = streamOf(body);
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
  const location = response.headers.get("location");
  const redirect = location === null ? undefined : redirectTo(call.config, location, target(call));
  const headers = incomingHeaders(response, call.caller, redirect);
  if (IS_OWN) return response;
  const { status, statusText } = response;
  return new Response(NO_BODY.has(status) ? null : response.body, { status, statusText, headers });
}

/** A redirect stays on the proxy, or goes nowhere: no caller learns another host, or takes its token there. */
function redirectTo({ origin, prefix, basePath }: Config, location: string, from: string): string | undefined {
  const url = URL.canParse(location, from) ? new URL(location, from) : undefined;
  if (url === undefined || url.origin !== origin || !`${url.pathname}/`.startsWith(`${prefix}/`)) return undefined;
  const path = url.pathname.slice(prefix.length);
  // Two slashes at the beginning would be another host.
  return path.startsWith("//") ? undefined : basePath + path + url.search + url.hash;
}
