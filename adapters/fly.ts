/**
 * Fly.io: the caller's address as Fly Proxy saw it. On a machine of Fly the ready servers take it by
 * `EDGE_TRUST=fly`.
 *
 * @module
 */
import { hosted, type HostedOptions } from "./_hosted.ts";
import type { HeadersProvider } from "./headers.ts";

export type { HostedOptions } from "./_hosted.ts";
export type { HeadersProvider } from "./headers.ts";

/** Fly's other headers; its region is the edge's, not the caller's. */
const CONSUMED = ["fly-forwarded-port", "fly-region", "fly-traceparent", "fly-tracestate", "fly-request-id"];

/**
 * Reads `ip` from `Fly-Client-IP`, which Fly Proxy overwrites on each request of an `http` service
 * (https://fly.io/docs/networking/request-headers/). Believed where `FLY_APP_NAME` is set. Machines of
 * one's own organisation reach this one around the proxy (6PN) and can send what they like; behind a
 * CDN the address is the CDN's.
 *
 * Throws a `TypeError` elsewhere.
 */
export function fly(options: Omit<HostedOptions<"ip">, "fields"> = {}): HeadersProvider<"ip"> {
  return hosted({
    name: "fly",
    sets: "FLY_APP_NAME",
    isHere: (env) => typeof env["FLY_APP_NAME"] === "string" && env["FLY_APP_NAME"] !== "",
    map: { ip: "fly-client-ip" },
    consumes: CONSUMED,
  }, options);
}
