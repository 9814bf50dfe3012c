/**
 * How much a server may have under way, and what it no longer takes on then.
 *
 * A request counts from its head until its answer has ended, an event stream as long as it is open: each holds a
 * connection on both sides, and file descriptors are what a proxy runs out of first. The runtime counts, because only
 * it knows when an answer has ended.
 *
 * @module
 */
import type { Proxy } from "../src/proxy.ts";
import type { Platform } from "../src/trust.ts";

/**
 * How many requests a server may have under way where nobody says: 20,000 connections, and as open streams some 100 MiB (Bun)
 * to 500 MiB (Node). It does not bound the memory for bodies: that is at worst as many times `heldBodyBytes`, 40 GiB, or what
 * the network brings while a body may arrive (`bodyTimeoutMs`), whichever is less. On a machine that has less, set as many as
 * its memory has room for bodies, or hold less of each.
 */
export const DEFAULT_MAX_IN_FLIGHT = 10_000;

/** Tells how many requests are under way, the given one among them. Called once for each request. */
export type UnderWay = (request: Request, platform: Platform | undefined) => number;

/** One place in so many is kept for what is no read: open streams never keep a message out. */
const KEPT = 8;

/**
 * The proxy that has no more than `maxInFlight` requests under way: what comes on top is answered with
 * `edge_overloaded`, reads a little earlier. Throws a `TypeError` for a number that is none.
 */
export function gated(proxy: Proxy, maxInFlight: number | undefined, underWay: UnderWay): Proxy {
  if (maxInFlight === undefined) return proxy;
  if (!Number.isInteger(maxInFlight) || maxInFlight < 1) {
    throw new TypeError("Cannot use option `maxInFlight`: give a whole number above 0");
  }
  const maxForReads = maxInFlight - Math.floor(maxInFlight / KEPT);
  return {
    fetch: (request, platform) => {
      const max = request.method === "GET" || request.method === "HEAD" ? maxForReads : maxInFlight;
      const isOver = underWay(request, platform) > max;
      return proxy.fetch(request, isOver ? { ...platform, overloaded: true } : platform);
    },
  };
}

/** Counts up now and down when `whenEnded` calls back. */
export function counter(
  whenEnded: (request: Request, platform: Platform | undefined, end: () => void) => void,
): UnderWay {
  let count = 0;
  const end = (): void => {
    count--;
  };
  return (request, platform) => {
    count++;
    whenEnded(request, platform, end);
    return count;
  };
}
