/**
 * The headers of both ways: what goes on of those that came, and nothing that is a matter of one hop, of the edge or of
 * somebody else.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { runsOn } from "./runtime.ts";
import type { Caller } from "./tokens.ts";

/** A header to add. */
export type Added = readonly [name: string, value: string];

/** Headers as `fetch` and `Response` take them, in whichever form costs the runtime least. */
export type Carried = Headers | [name: string, value: string][];

/**
 * What is never forwarded. Hop-by-hop headers are these, whatever a client's `Connection` lists
 * (RFC 9110 §7.6.1): a client does not choose which headers go. `Host` and `Content-Length` are the
 * next hop's own.
 */
const NOT_FORWARDED = namesOf(
  "connection keep-alive te trailer transfer-encoding upgrade http2-settings host content-length cookie expect forwarded accept-encoding x-edge-pass cf-connecting-ip true-client-ip x-real-ip",
);
/**
 * What is never returned: what is a matter of one hop, and what a browser would hold against the proxy's whole host,
 * which may be an app's. A location is looked at first, and added where it may be.
 */
const NOT_RETURNED = namesOf(
  "connection keep-alive te trailer transfer-encoding upgrade set-cookie alt-svc location strict-transport-security clear-site-data nel report-to",
);

function namesOf(list: string): ReadonlySet<string> {
  return new Set(list.split(" "));
}

/**
 * The codings that the runtime undoes in what it fetches, while it leaves `Content-Encoding` on it:
 * Node several at once, Bun one, Deno and workerd none, since they hand on the bytes as they came when
 * an `Accept-Encoding` was set (measured on node 24.21, bun 1.4.5, deno 2.9.6, workerd 2026-11-17).
 */
const INFLATED = runsOn("Node.js")
  ? /^(?:(?:gzip|x-gzip|deflate|br|zstd)(?:\s*,\s*|$))+$/i
  : runsOn("Bun")
  ? /^(?:gzip|x-gzip|deflate|br|zstd)$/i
  : undefined;

/**
 * Whether the headers of what was fetched may be changed. In Bun they may, and its body then never
 * becomes a stream of JavaScript's; by the Fetch Standard they may not ("immutable" guard).
 */
export const IS_OWN: boolean = runsOn("Bun");

/**
 * Whether headers are JavaScript's own objects, which cost more to copy than to read into a list: three times as much in
 * Deno. Where they are the runtime's (Bun, workerd), it is the reading that costs.
 */
const IS_LISTED = runsOn("Node.js") || runsOn("Deno");

/**
 * The request headers as they go upstream, with `added` to them. Never a client address, a cookie, or a header of the
 * provider's. Throws `edge_head_too_large` where what came is over `limitBytes`.
 */
export function outgoingHeaders(
  { url, headers }: Request,
  consumes: ReadonlySet<string>,
  limitBytes: number,
  added: readonly Added[],
): Carried {
  let headBytes = url.length;
  // Between here and the upstream compression gains little, and what is not compressed is delivered at once.
  const outgoing = without(headers, (name, value) => {
    headBytes += name.length + value.length;
    return NOT_FORWARDED.has(name) || consumes.has(name) || name.startsWith("proxy-") ||
      name.startsWith("x-forwarded-") || added.some(([own]) => own === name);
  }, [["accept-encoding", "identity"], ...added]);
  if (headBytes > limitBytes) {
    throw new Refusal("edge_head_too_large", { detail: `${headBytes - limitBytes} bytes over ${limitBytes}` });
  }
  return outgoing;
}

/** The headers of what was fetched as the caller gets them; CORS is the proxy's own. `location` is where a redirect may lead. */
export function incomingHeaders({ headers }: Response, caller: Caller, location: string | undefined): Carried {
  const isInflated = INFLATED?.test(headers.get("content-encoding") ?? "");
  const isDropped = (name: string): boolean =>
    NOT_RETURNED.has(name) || name.startsWith("proxy-") || name.startsWith("access-control-") ||
    (caller === "public" && name.startsWith("x-s2-")) ||
    (isInflated === true && (name === "content-encoding" || name === "content-length"));
  return without(headers, isDropped, location === undefined ? [] : [["location", location]], IS_OWN);
}

/** Adds a header that is not among them. */
export function withHeader(headers: Carried, [name, value]: Added): Carried {
  if (Array.isArray(headers)) headers.push([name, value]);
  else headers.set(name, value);
  return headers;
}

/** What is left of headers, in the form that costs the runtime least, and `added`: none of which may be left, too. */
function without(
  given: Headers,
  isDropped: (name: string, value: string) => boolean,
  added: readonly Added[],
  inPlace = false,
): Carried {
  if (IS_LISTED) {
    const left: [string, string][] = [];
    for (const pair of given) {
      if (!isDropped(pair[0], pair[1])) left.push(pair);
    }
    return added.reduce(withHeader, left);
  }
  // Removing a header costs more than looking, whether it is there or not.
  const names: string[] = [];
  given.forEach((value, name) => {
    if (isDropped(name, value)) names.push(name);
  });
  const headers = inPlace ? given : new Headers(given);
  for (const name of names) headers.delete(name);
  return added.reduce(withHeader, headers);
}
