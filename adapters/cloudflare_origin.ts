/**
 * Signals that Cloudflare sends to an origin as headers, for a proxy on a machine behind Cloudflare.
 * Which of them it sets is the zone's configuration (IP Geolocation, and the managed transforms "Add
 * visitor location headers" and "Add bot protection headers"), and a header that it does not set may
 * be the client's: so each is named, and all are behind a proof.
 *
 * ```ts
 * import { cloudflareOrigin } from "edgestamp/cloudflare-origin";
 *
 * cloudflareOrigin({
 *   headers: ["cf-connecting-ip", "cf-ipcountry", "cf-bot-score", "cf-ja4"],
 *   // A request header transform rule of the zone sets it.
 *   proof: { header: "x-edgestamp-proof", secret: process.env.EDGE_PROOF_SECRET! },
 * });
 * ```
 *
 * (https://developers.cloudflare.com/rules/transform/managed-transforms/reference/,
 * https://developers.cloudflare.com/fundamentals/reference/http-headers/)
 *
 * @module
 */
import { brings, declared, type DeclaredOptions, type HeaderFields } from "./_declared.ts";
import { CLOUDFLARE_CONSUMED } from "./_cloudflare_headers.ts";
import type { FieldName, ProvenHeadersProvider } from "./headers.ts";

export type { DeclaredOptions } from "./_declared.ts";
export type { FieldName, Proof, ProofCheck, ProvenHeadersProvider } from "./headers.ts";

/** A header of Cloudflare's that carries a signal. */
export type CloudflareOriginHeader =
  | "cf-connecting-ip"
  | "cf-ipcountry"
  | "cf-ipcontinent"
  | "cf-region"
  | "cf-region-code"
  | "cf-ipcity"
  | "cf-postal-code"
  | "cf-timezone"
  | "cf-iplatitude"
  | "cf-iplongitude"
  | "cf-bot-score"
  | "cf-verified-bot"
  | "cf-ja3-hash"
  | "cf-ja4";

const HEADERS = {
  ...brings("cf-connecting-ip", "ip"),
  ...brings("cf-ipcountry", "country"),
  ...brings("cf-ipcontinent", "continent"),
  ...brings("cf-region", "region"),
  ...brings("cf-region-code", "regionCode"),
  ...brings("cf-ipcity", "city"),
  ...brings("cf-postal-code", "postalCode"),
  ...brings("cf-timezone", "timezone"),
  ...brings("cf-iplatitude", "latitude"),
  ...brings("cf-iplongitude", "longitude"),
  ...brings("cf-bot-score", "botScore"),
  ...brings("cf-verified-bot", "verifiedBot"),
  ...brings("cf-ja3-hash", "ja3"),
  ...brings("cf-ja4", "ja4"),
} as Readonly<Record<CloudflareOriginHeader, HeaderFields>>;

/**
 * Reads the named headers, behind a proof. States and errors are those of `headers`: a bot score of 0
 * and the countries `XX` and `T1` are `null`. Throws a `TypeError` where there is no proof, or a header
 * is unknown. A zone whose Pseudo IPv4 overwrites headers makes addresses up: set it to add them.
 */
export function cloudflareOrigin(options: DeclaredOptions<CloudflareOriginHeader>): ProvenHeadersProvider<FieldName> {
  return declared("cloudflare-origin", HEADERS, options, CLOUDFLARE_CONSUMED);
}
