/**
 * Requests to the proxy, written as they are given: `fetch` would tidy up paths, hosts and headers before anybody saw
 * them. Only ever to the one host that the doctor was given, and a redirect is never followed.
 *
 * @module
 */
import http, { type IncomingMessage } from "node:http";
import https from "node:https";
import { isIP } from "node:net";

/** A header field as it goes out: names may repeat. */
export type Field = readonly [name: string, value: string];

/** A request. */
export interface Sent {
  /** Default `POST` with a body, else `GET`. */
  readonly method?: string;
  /** The request target below the proxy's base path, in any spelling; `{ whole }` is not below anything. */
  readonly path: string | { readonly whole: string };
  /** The Authorization's token; absent for none. */
  readonly token?: string;
  readonly fields?: readonly Field[];
  /** The Host header. Default: the proxy's own. */
  readonly host?: string;
  readonly body?: string | Uint8Array;
  /** Sends the body in chunks, without its length. */
  readonly chunked?: boolean;
}

/** An answer, with the beginning of its body. */
export interface Answer {
  /** 0 where none came. */
  readonly status: number;
  /** Why none came: the time was up, or the connection ended. */
  readonly failure?: "late" | "closed";
  /** The system's word for a failure, such as `ECONNREFUSED`. */
  readonly reason?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly text: string;
  /** A refusal's code: `edge_…`. */
  readonly code: string | undefined;
  /** When it was sent and when its head came, in milliseconds since 1970. */
  readonly sentMs: number;
  readonly receivedMs: number;
}

/** An answer whose body is still coming. */
export interface Opened {
  readonly status: number;
  readonly parts: AsyncIterable<Uint8Array>;
}

/** Everything that the doctor asks the proxy goes through here. */
export interface Wire {
  /** Scheme, host and port. */
  readonly url: URL;
  /** The path that the proxy is mounted below; empty, or without a slash at its end. */
  readonly base: string;
  /** Every answer so far. */
  readonly seen: readonly Answer[];
  /** Sends one request. Never rejects. */
  send(request: Sent): Promise<Answer>;
  /** Sends one request and gives its answer as it begins. Rejects where none comes; `signal` ends it. */
  open(request: Sent, signal: AbortSignal): Promise<Opened>;
}

/** More of an answer is of no interest. */
const KEPT_BYTES = 1024 * 1024;

/** Makes the wire to `url`. A request takes `requestMs` at most, and all end with `signal`. */
export function createWire(url: URL, signal: AbortSignal, requestMs: number): Wire {
  const base = url.pathname.replace(/\/+$/, "");
  const seen: Answer[] = [];
  return {
    url,
    base,
    seen,
    async send(request) {
      const answer = await exchange(url, base, request, AbortSignal.any([signal, AbortSignal.timeout(requestMs)]));
      seen.push(answer);
      return answer;
    },
    async open(request, closing) {
      const message = await begin(url, base, request, AbortSignal.any([signal, closing]));
      return { status: message.statusCode ?? 0, parts: message };
    },
  };
}

async function exchange(url: URL, base: string, request: Sent, signal: AbortSignal): Promise<Answer> {
  const sentMs = Date.now();
  const none = { status: 0, headers: {}, cookies: [], text: "", code: undefined, sentMs };
  try {
    const message = await begin(url, base, request, signal);
    const receivedMs = Date.now();
    const text = await read(message);
    const { "set-cookie": cookies = [], ...headers } = message.headers as Record<string, string> & {
      "set-cookie"?: string[];
    };
    return { status: message.statusCode ?? 0, headers, cookies, text, code: codeOf(text), sentMs, receivedMs };
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? "no answer";
    return { ...none, failure: signal.aborted ? "late" : "closed", reason, receivedMs: Date.now() };
  }
}

function begin(url: URL, base: string, request: Sent, signal: AbortSignal): Promise<IncomingMessage> {
  const { path, token, fields = [], body, chunked = false, host = url.host } = request;
  const bytes = typeof body === "string" ? Buffer.from(body) : body;
  const method = request.method ?? (body === undefined ? "GET" : "POST");
  const all: Field[] = [["Host", host], ["User-Agent", "edgestamp-doctor"], ["Accept", "*/*"], ...fields];
  if (token !== undefined) all.push(["Authorization", token.includes(" ") ? token : `Bearer ${token}`]);
  if (chunked) all.push(["Transfer-Encoding", "chunked"]);
  else if (bytes !== undefined || method !== "GET") all.push(["Content-Length", String(bytes?.length ?? 0)]);
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === "https:" ? https : http).request({
      host: hostname,
      port: url.port,
      // Else Node takes it from the Host header, which may be anything here.
      servername: isIP(hostname) === 0 ? hostname : "",
      method,
      path: typeof path === "string" ? base + path : path.whole,
      headers: all.flat(),
      setHost: false,
      agent: false,
      signal,
    });
    outgoing.once("response", resolve).on("error", reject);
    outgoing.once("upgrade", (message, socket) => {
      socket.destroy();
      resolve(message);
    });
    outgoing.end(bytes);
  });
}

async function read(message: IncomingMessage): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of message as AsyncIterable<Uint8Array>) {
    parts.push(part);
    size += part.length;
    if (size > KEPT_BYTES) break;
  }
  return Buffer.concat(parts).toString();
}

function codeOf(text: string): string | undefined {
  const code = parseJson(text)?.["code"];
  return typeof code === "string" && code.startsWith("edge_") ? code : undefined;
}

/** An object of JSON; `undefined` for anything else. */
export function parseJson(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}

/** Maps with at most six under way. */
export async function eachOf<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let at = next++; at < items.length; at = next++) results[at] = await run(items[at]!);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
  return results;
}
