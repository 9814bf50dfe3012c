/**
 * Amazon CloudFront: its viewer headers. Which of them it adds is the distribution's policy, and it may
 * hand on a client's own of the same name where the policy does not have it: so each is named, and
 * all are behind a proof, which is an origin custom header with a secret.
 *
 * ```ts
 * import { cloudfront } from "edgestamp/cloudfront";
 *
 * cloudfront({
 *   headers: ["CloudFront-Viewer-Address", "CloudFront-Viewer-Country", "CloudFront-Viewer-JA4-Fingerprint"],
 *   proof: { header: "x-edgestamp-proof", secret: process.env.EDGE_PROOF_SECRET! },
 * });
 * ```
 *
 * (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/adding-cloudfront-headers.html)
 *
 * @module
 */
import { brings, declared, type DeclaredOptions, type HeaderFields } from "./_declared.ts";
import type { FieldName, ProvenHeadersProvider } from "./headers.ts";

export type { DeclaredOptions } from "./_declared.ts";
export type { FieldName, Proof, ProofCheck, ProvenHeadersProvider } from "./headers.ts";

type Known =
  | "Address"
  | "ASN"
  | "Country"
  | "Country-Region"
  | "Country-Region-Name"
  | "City"
  | "Postal-Code"
  | "Time-Zone"
  | "Latitude"
  | "Longitude"
  | "TLS"
  | "Http-Version"
  | "JA3-Fingerprint"
  | "JA4-Fingerprint";

/** A viewer header that carries a signal, as the policy names it or in lower case. */
export type CloudFrontHeader = `CloudFront-Viewer-${Known}` | Lowercase<`CloudFront-Viewer-${Known}`>;

const VIEWER = "cloudfront-viewer-";

const HEADERS = {
  ...brings(`${VIEWER}address`, "ip", { pick: withoutPort }),
  ...brings(`${VIEWER}asn`, "asn"),
  ...brings(`${VIEWER}country`, "country"),
  ...brings(`${VIEWER}country-region`, "regionCode"),
  ...brings(`${VIEWER}country-region-name`, "region", { as: "percent" }),
  ...brings(`${VIEWER}city`, "city", { as: "percent" }),
  ...brings(`${VIEWER}postal-code`, "postalCode", { as: "percent" }),
  ...brings(`${VIEWER}time-zone`, "timezone"),
  ...brings(`${VIEWER}latitude`, "latitude"),
  ...brings(`${VIEWER}longitude`, "longitude"),
  // TLSv1.3:TLS_AES_128_GCM_SHA256:sessionResumed
  [`${VIEWER}tls`]: {
    tlsVersion: { header: `${VIEWER}tls`, pick: (value) => part(value, 0) },
    tlsCipher: { header: `${VIEWER}tls`, pick: (value) => part(value, 1) },
  },
  ...brings(`${VIEWER}http-version`, "httpProtocol", { pick: (value) => value && `HTTP/${value}` }),
  ...brings(`${VIEWER}ja3-fingerprint`, "ja3"),
  ...brings(`${VIEWER}ja4-fingerprint`, "ja4"),
} as Readonly<Record<Lowercase<CloudFrontHeader>, HeaderFields>>;

/**
 * Reads the named headers, behind a proof. States and errors are those of `headers`. In a viewer-request
 * function they are the viewer's own: read them at the origin, or in an origin-request function.
 */
export function cloudfront(options: DeclaredOptions<CloudFrontHeader>): ProvenHeadersProvider<FieldName> {
  return declared("cloudfront", HEADERS, options as DeclaredOptions<Lowercase<CloudFrontHeader>>);
}

/** `ip:port`; an IPv6 address comes without brackets, so only the last colon tells. A comma is two of them. */
function withoutPort(value: string): string | undefined {
  const at = value.lastIndexOf(":");
  return /^\d{1,5}$/.test(value.slice(at + 1)) && at > 0 ? value.slice(0, at) : value === "" ? value : undefined;
}

/** A comma says that the header came twice: then no part of it is anybody's. */
function part(value: string, at: number): string | undefined {
  return value.includes(",") ? undefined : value.split(":")[at];
}
