/**
 * Which header brings which field, for the configuration files of `examples/`. The names are those of
 * `EDGE_TRUST=headers`; what a proxy cannot know without a module has no line here.
 *
 * @module
 */
import type { Source } from "./_fields.ts";

// Types and not interfaces: only those are records to a parameter that takes any record.

/** What every proxy of this kind knows by itself. */
type Connection = {
  readonly ip: Source;
  readonly tlsVersion: Source;
  readonly tlsCipher: Source;
  readonly httpProtocol: Source;
};

/** What a proxy with MaxMind's databases adds. */
type Place = {
  readonly country: Source;
  readonly city: Source;
  readonly asn: Source;
  readonly asOrganization: Source;
};

/** A fingerprint of the caller's TLS. */
type Fingerprint<F extends "ja3" | "ja4"> = { readonly [field in F]: Source };

const CONNECTION: Connection = {
  ip: "x-edgestamp-ip",
  tlsVersion: "x-edgestamp-tls-version",
  tlsCipher: "x-edgestamp-tls-cipher",
  httpProtocol: "x-edgestamp-http-protocol",
};

const PLACE: Place = {
  country: "x-edgestamp-country",
  // A name such as `Example, Inc.`: the proxy sets the header, so the comma is the name's own.
  city: { header: "x-edgestamp-city", as: "text" },
  asn: "x-edgestamp-asn",
  asOrganization: { header: "x-edgestamp-as-organization", as: "text" },
};

/** nginx, with `ngx_http_geoip2_module` for the place. It drops a header that is empty. */
export const NGINX_MAP: Connection & Place = { ...CONNECTION, ...PLACE };

/** HAProxy, which captures a JA3 where `tune.ssl.capture-buffer-size` is above 0. */
export const HAPROXY_MAP: Connection & Place & Fingerprint<"ja3"> = { ...CONNECTION, ...PLACE, ja3: "x-edgestamp-ja3" };

/** Envoy, with `enable_ja3_fingerprinting` and `enable_ja4_fingerprinting` in its TLS inspector. It writes `-` for nothing. */
export const ENVOY_MAP: Connection & Fingerprint<"ja3" | "ja4"> = {
  ...CONNECTION,
  ja3: "x-edgestamp-ja3",
  ja4: "x-edgestamp-ja4",
};

/** Caddy. */
export const CADDY_MAP: Connection = CONNECTION;
