/**
 * The caller's address behind reverse proxies whose addresses are known: the socket's peer first, and
 * from there leftwards through `X-Forwarded-For` or `Forwarded`, as long as what speaks is trusted.
 *
 * ```ts
 * import { createProxy } from "edgestamp";
 * import { forwarded } from "edgestamp/forwarded";
 *
 * createProxy({ trust: forwarded({ trusted: ["127.0.0.1", "10.0.0.0/8"] }) });
 * ```
 *
 * @module
 */
import type { Platform } from "../src/trust.ts";
import { rangeMatcher } from "./_cidr.ts";
import { parseIp } from "./_ip.ts";
import { socket, type SocketProvider } from "./_socket.ts";

export type { SocketProvider } from "./_socket.ts";

/** What {@link forwarded} can be told. */
export interface ForwardedOptions {
  /**
   * The addresses of one's own proxies, as ranges: `10.0.0.0/8`, `fd00::/8`, `192.0.2.7`. A range that
   * is shared, such as a CDN's, proves nothing: its other customers are in it, too.
   */
  readonly trusted: readonly string[];
  /** Which of the two the proxies append to. The other is not looked at. Default `x-forwarded-for`. */
  readonly header?: "x-forwarded-for" | "forwarded";
  /** Where the peer's address comes from. Default: {@link socket}. */
  readonly peer?: Pick<SocketProvider, "read">;
}

/** More hops than any chain of proxies has. */
const MOST_HOPS = 32;

/**
 * Reads `ip`. The peer's own address where it is not trusted, or where it brings no list; else the
 * first address from the right that is not trusted; the leftmost where all are. What cannot be read as
 * an address (`unknown`, `_hidden`, a name, a list that is garbled) ends the walk, and `ip` is left out:
 * whatever stands further left is the client's word. So is a list of more than 32 hops.
 *
 * Throws a `TypeError` of one line for a range that cannot be used.
 */
export function forwarded(
  { trusted, header = "x-forwarded-for", peer = socket() }: ForwardedOptions,
): SocketProvider & {
  readonly consumes: readonly string[];
} {
  if (header !== "x-forwarded-for" && header !== "forwarded") {
    throw new TypeError("Cannot use option `header`: give x-forwarded-for or forwarded");
  }
  const isTrusted = rangeMatcher(trusted, "trusted");
  const read = (request: Request, platform?: Platform): { readonly ip?: string } => {
    const { ip } = peer.read(request, platform);
    if (ip === undefined || !isTrusted(ip)) return ip === undefined ? {} : { ip };
    const value = request.headers.get(header);
    if (value === null) return { ip };
    const hops = header === "forwarded" ? forwardedHops(value) : value.split(",").map((hop) => hop.trim());
    const client = hops && walk(hops.filter((hop) => hop !== ""), isTrusted);
    return client === undefined ? {} : { ip: client };
  };
  return { name: "forwarded", consumes: [header, "x-real-ip"], read };
}

function walk(hops: readonly string[], isTrusted: (address: string) => boolean): string | undefined {
  if (hops.length === 0 || hops.length > MOST_HOPS) return undefined;
  let last: string | undefined;
  for (const hop of hops.toReversed()) {
    last = parseIp(hop);
    if (last === undefined || !isTrusted(last)) return last;
  }
  return last;
}

const TOKEN = "[!#$%&'*+.^`|~\\w-]+";
const PAIR = `${TOKEN}=(?:${TOKEN}|"(?:[^"\\\\]|\\\\.)*")`;
// Not nested: one pair, and what has to part it from the next. White space after a pair belongs to the pair: where there is
// none, two runs of it side by side could be told apart in as many ways as there are spaces, and all would be tried.
const NEXT_PAIR = `[ \\t]*(?:(${PAIR})[ \\t]*)?([;,]|$)`;

/**
 * The `for` of each element of RFC 7239, from the left; an element without one is "unknown". `undefined`
 * for what is not of its grammar: a quote that a client leaves open swallows what a proxy appends.
 */
function forwardedHops(value: string): string[] | undefined {
  const hops: string[] = [];
  let node: string | undefined;
  const pattern = new RegExp(NEXT_PAIR, "y");
  for (;;) {
    const found = pattern.exec(value);
    if (found === null) return undefined;
    const [, pair = "", end] = found;
    const given = /^for="?(.*?)"?$/i.exec(pair)?.[1]?.replace(/\\(.)/g, "$1");
    // Twice in one element: two readers could differ.
    if (given !== undefined && node !== undefined) return undefined;
    node ??= given;
    if (end !== ";") {
      hops.push(node ?? "unknown");
      node = undefined;
    }
    if (end === "") return hops;
  }
}
