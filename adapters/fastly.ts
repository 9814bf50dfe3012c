/**
 * Signals that a Fastly service sets as headers. Fastly sends its origins nothing of the kind by
 * itself, and no header that proves it: names and proof are the service's own. This VCL sets what
 * {@link FASTLY_MAP} reads; put the secret into a private edge dictionary.
 *
 * ```vcl
 * # vcl_recv. At a shield the client is the edge node, and after a restart nothing is new.
 * if (fastly.ff.visits_this_service == 0 && req.restarts == 0) {
 *   # First, and never left out: of what is not set below, nothing is left that a client sent.
 *   unset req.http.X-Edgestamp-*;
 *   set req.http.X-Edgestamp-IP = client.ip;
 *   set req.http.X-Edgestamp-Country = client.geo.country_code;
 *   set req.http.X-Edgestamp-Region-Code = client.geo.region;
 *   set req.http.X-Edgestamp-City = urlencode(client.geo.city.utf8);
 *   set req.http.X-Edgestamp-Latitude = client.geo.latitude;
 *   set req.http.X-Edgestamp-Longitude = client.geo.longitude;
 *   set req.http.X-Edgestamp-ASN = client.as.number;
 *   set req.http.X-Edgestamp-AS-Organization = urlencode(client.as.name);
 *   set req.http.X-Edgestamp-Proxy-Type = client.geo.proxy_type;
 *   set req.http.X-Edgestamp-Proxy-Description = client.geo.proxy_description;
 *   set req.http.X-Edgestamp-JA3 = tls.client.ja3_md5;
 *   set req.http.X-Edgestamp-JA4 = tls.client.ja4;
 *   set req.http.X-Edgestamp-TLS-Version = tls.client.protocol;
 *   # With Bot Management only; without it, leave the two out:
 *   set req.http.X-Edgestamp-Bot-Name = fastly.bot.name;
 *   set req.http.X-Edgestamp-Bot-Category = fastly.bot.category;
 * }
 * # vcl_miss and vcl_pass
 * set bereq.http.X-Edgestamp-Proof = table.lookup(edgestamp, "proof");
 * ```
 *
 * `unset` with an asterisk takes every header of that beginning away, so a line that is left out makes its
 * signal absent, and no client's. All of it belongs outside of any condition that a client can choose.
 * `client.class.bot` and `Fastly-Client-IP` are not read: the first is the User-Agent's word, the second
 * is the client's own where it sent one.
 * (https://www.fastly.com/documentation/reference/vcl/variables/,
 * https://www.fastly.com/documentation/reference/vcl/statements/unset/)
 *
 * @module
 */
import {
  type FieldName,
  headers,
  type HeadersOptions,
  type HeadersProvider,
  type Proof,
  type Source,
} from "./headers.ts";

export type { HeadersProvider, Kind, Proof, Source } from "./headers.ts";

/** VCL's own words for "unknown": no text, `?`, number 0, and 999 for a place. */
const UNKNOWN = ["?"];
const NOWHERE = ["999.0", "999", "999.000"];

/** A field that the VCL above sets. */
export type FastlyField = Extract<
  FieldName,
  | "ip"
  | "country"
  | "regionCode"
  | "city"
  | "latitude"
  | "longitude"
  | "asn"
  | "asOrganization"
  | "proxyType"
  | "proxyDescription"
  | "ja3"
  | "ja4"
  | "tlsVersion"
  | "botName"
  | "botCategory"
>;

/** Which header brings which field where the options name no map: those that the VCL above sets. */
export const FASTLY_MAP: Readonly<Record<FastlyField, Source>> = {
  ip: "x-edgestamp-ip",
  country: "x-edgestamp-country",
  regionCode: { header: "x-edgestamp-region-code", notRun: UNKNOWN },
  city: { header: "x-edgestamp-city", as: "percent", notRun: UNKNOWN },
  latitude: { header: "x-edgestamp-latitude", notRun: NOWHERE },
  longitude: { header: "x-edgestamp-longitude", notRun: NOWHERE },
  asn: "x-edgestamp-asn",
  asOrganization: { header: "x-edgestamp-as-organization", as: "percent", notRun: UNKNOWN },
  proxyType: { header: "x-edgestamp-proxy-type", notRun: UNKNOWN },
  proxyDescription: { header: "x-edgestamp-proxy-description", notRun: UNKNOWN },
  ja3: "x-edgestamp-ja3",
  ja4: "x-edgestamp-ja4",
  tlsVersion: "x-edgestamp-tls-version",
  botName: "x-edgestamp-bot-name",
  botCategory: "x-edgestamp-bot-category",
};

/** The header that carries the proof in the VCL above. */
export const FASTLY_PROOF_HEADER: string = "x-edgestamp-proof";

/** What {@link fastlyHeaders} can be told. As for `headers`, but the map has a default. */
export type FastlyOptions<M extends Readonly<Record<string, Source>> = typeof FASTLY_MAP> =
  & Omit<HeadersOptions<M>, "map" | "name" | "proof">
  & { readonly map?: M; readonly proof?: Proof };

/**
 * Reads the signals of a Fastly service, behind a proof. States and errors are those of `headers`:
 * Fastly's sentinels (`""`, `?`, ASN 0, 999.0) are `null`, so `botCategory: null` says that nothing
 * was found or nothing was looked for.
 */
export function fastlyHeaders<const M extends Readonly<Record<string, Source>> = typeof FASTLY_MAP>(
  options: FastlyOptions<M>,
): HeadersProvider<Extract<keyof M, string>> {
  const { map = FASTLY_MAP as unknown as M, ...rest } = options;
  return headers<M>({ ...rest, map, name: "fastly" });
}
