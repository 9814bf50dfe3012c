/** Whatever a provider reads from headers: what came twice, or as a list, is nobody's, on every platform. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { akamai } from "../../../adapters/akamai.ts";
import { cloudflareOrigin } from "../../../adapters/cloudflare_origin.ts";
import { cloudfront } from "../../../adapters/cloudfront.ts";
import { fastlyHeaders } from "../../../adapters/fastly.ts";
import { fly } from "../../../adapters/fly.ts";
import { CADDY_MAP, ENVOY_MAP, HAPROXY_MAP, headers, NGINX_MAP } from "../../../adapters/headers.ts";
import { edgestampHeaders } from "../../../adapters/_trusts.ts";
import { vercel } from "../../../adapters/vercel.ts";
import { call, JA3, JA4, PROOF, SECRET } from "./tables.ts";

interface Provider {
  readonly consumes?: readonly string[];
  read(request: Request): unknown;
}

/** Two values of each kind that differ: a client's, and the platform's. */
const PAIRS: readonly (readonly [string, string])[] = [
  ["forged", "real"],
  ["1", "2"],
  ["true", "false"],
  ["CH", "BR"],
  [JA3, JA3.replaceAll("c", "d")],
  [JA4, JA4.replace("t13", "t12")],
  ["6.6.6.6", "198.51.100.7"],
  ["6.6.6.6:1", "198.51.100.7:2"],
  ["TLSv1.3:a:b", "TLSv1.2:c:d"],
  ["country_code=CH,city=a,asnum=1", "country_code=BR,city=b,asnum=2"],
  ["a (1):deny:x:1:y", "b (1):deny:x:99:y"],
];

const everywhere = { assumeTopology: true } as const;

const PROVIDERS: Readonly<Record<string, Provider>> = {
  akamai: akamai({ headers: ["true-client-ip", "x-akamai-edgescape", "akamai-bot"], ...everywhere }),
  cloudflareOrigin: cloudflareOrigin({
    headers: [
      "cf-connecting-ip",
      "cf-ipcountry",
      "cf-ipcity",
      "cf-bot-score",
      "cf-verified-bot",
      "cf-ja3-hash",
      "cf-ja4",
    ],
    ...everywhere,
  }),
  cloudfront: cloudfront({
    headers: [
      "cloudfront-viewer-address",
      "cloudfront-viewer-asn",
      "cloudfront-viewer-city",
      "cloudfront-viewer-country",
      "cloudfront-viewer-tls",
      "cloudfront-viewer-http-version",
      "cloudfront-viewer-ja3-fingerprint",
      "cloudfront-viewer-ja4-fingerprint",
    ],
    ...everywhere,
  }),
  fastly: fastlyHeaders(everywhere),
  fly: fly(everywhere),
  vercel: vercel({ ...everywhere, fields: ["ip", "country", "city", "latitude", "asn", "ja3", "ja4"] }),
  environment: edgestampHeaders(SECRET) as Provider,
  nginx: headers({ map: NGINX_MAP, ...everywhere }),
  haproxy: headers({ map: HAPROXY_MAP, ...everywhere }),
  envoy: headers({ map: ENVOY_MAP, ...everywhere }),
  caddy: headers({ map: CADDY_MAP, ...everywhere }),
};

describe("a header that came twice is nobody's", () => {
  for (const [name, provider] of Object.entries(PROVIDERS)) {
    test(name, async () => {
      let told = 0;
      const read = async (header: string, value: string | readonly string[]): Promise<Record<string, unknown>> =>
        await provider.read(call({ [PROOF.header]: SECRET, [header]: value })) as Record<string, unknown>;
      for (const header of provider.consumes!.filter((header) => header !== PROOF.header)) {
        for (const [forged, real] of PAIRS) {
          const [byForged, byReal] = [await read(header, forged), await read(header, real)];
          // Where a proxy of one's own sets the header, and never adds to it, a comma may be a name's own.
          const isName = name !== "fastly" && /^x-edgestamp-(?:as-organization|region|city)$/.test(header);
          const fields = Object.keys(byReal).filter((field) => byReal[field] !== byForged[field] && !isName);
          told += fields.length;
          for (
            const value of [[forged, real], [real, forged], [`${forged}, ${real}`], [`${real},${forged}`], [`,${real}`]]
          ) {
            const signals = await read(header, value);
            for (const field of fields) assert.ok(!(field in signals), `${header}: ${value.join(" | ")} → ${field}`);
          }
          assert.deepEqual(await read(header.toUpperCase(), real), byReal);
        }
      }
      assert.ok(told > 0, "nothing was read");
    });
  }
});
