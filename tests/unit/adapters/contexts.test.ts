import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as v from "valibot";
import { type FastlyClient, fastlyCompute } from "../../../adapters/fastly_compute.ts";
import { lambda } from "../../../adapters/lambda.ts";
import { netlify, type NetlifyContext } from "../../../adapters/netlify.ts";
import { cloudflare } from "../../../adapters/cloudflare.ts";
import { edgeSignals, edgeSignalsOnly } from "../../../adapters/signals.ts";
import { call, JA3, JA4 } from "./tables.ts";

/** Everything that a client could send in the hope to be believed. */
const FORGED = call({
  "x-nf-client-connection-ip": "1.1.1.1",
  "x-nf-geo": btoa('{"country":{"code":"CH"}}'),
  "fastly-client-ip": "1.1.1.1",
  "x-forwarded-for": "1.1.1.1",
  "x-real-ip": "1.1.1.1",
  "cloudfront-viewer-country": "CH",
});

function inVocabulary<T>(signals: T): T {
  assert.ok(v.is(edgeSignalsOnly, signals), "outside of the vocabulary");
  return signals;
}

describe("netlify()", () => {
  const rows: readonly [what: string, context: unknown, stamped: unknown][] = [
    ["all of it", {
      ip: "198.51.100.7",
      geo: {
        city: "São Paulo",
        country: { code: "BR", name: "Brazil" },
        subdivision: { code: "SP", name: "São Paulo" },
        postalCode: "01000-000",
        latitude: -23.5,
        longitude: -46.6,
        timezone: "America/Sao_Paulo",
      },
    }, {
      ip: "198.51.100.7",
      country: "BR",
      region: "São Paulo",
      regionCode: "SP",
      city: "São Paulo",
      postalCode: "01000-000",
      timezone: "America/Sao_Paulo",
      latitude: -23.5,
      longitude: -46.6,
    }],
    ["nothing known", { ip: "", geo: {} }, {}],
    ["no geo at all", { ip: "2001:DB8::1" }, { ip: "2001:db8::1" }],
    ["other types than documented", { ip: "evil", geo: { city: 7, latitude: "1", country: "CH" } }, {}],
    ["at the equator", { ip: "", geo: { latitude: 0, longitude: 0 } }, { latitude: 0, longitude: 0 }],
  ];
  for (const [what, context, stamped] of rows) {
    test(
      what,
      () => assert.deepEqual(inVocabulary(netlify().read(FORGED, { info: context as NetlifyContext })), stamped),
    );
  }
  test("without a context nothing is read", () => {
    assert.throws(() => netlify().read(FORGED), /there is no context/);
    assert.throws(() => netlify().read(FORGED, { info: {} }), /there is no context/);
  });
});

describe("fastlyCompute()", () => {
  const client = (more: Partial<FastlyClient>): FastlyClient => ({ address: "198.51.100.7", ...more });
  const rows: readonly [what: string, client: FastlyClient, stamped: object][] = [
    [
      "all of it",
      client({
        geo: {
          as_name: "Example, Inc.",
          as_number: 64512,
          city: "são paulo",
          continent: "SA",
          country_code: "BR",
          latitude: -23.5,
          longitude: -46.6,
          postal_code: "01000",
          proxy_type: "hosting",
          proxy_description: "cloud",
          region: "SP",
        },
        tlsJA3MD5: JA3.toUpperCase(),
        tlsJA4: JA4,
        tlsProtocol: "TLSv1.3",
        tlsCipherOpensslName: "TLS_AES_128_GCM_SHA256",
      }),
      {
        country: "BR",
        continent: "SA",
        regionCode: "SP",
        city: "são paulo",
        postalCode: "01000",
        latitude: -23.5,
        longitude: -46.6,
        asn: 64512,
        asOrganization: "Example, Inc.",
        proxyType: "hosting",
        proxyDescription: "cloud",
        ja3: JA3,
        ja4: JA4,
        tlsVersion: "TLSv1.3",
        tlsCipher: "TLS_AES_128_GCM_SHA256",
      },
    ],
    ["without TLS", client({ tlsJA3MD5: null, tlsJA4: null, geo: null }), { ja3: null, ja4: null }],
    ["an older SDK", client({}), {}],
    [
      "sentinels",
      client({ geo: { city: "?", region: "", latitude: 999, longitude: 999, as_number: 0, proxy_type: "?" } }),
      {
        city: null,
        regionCode: null,
        latitude: null,
        longitude: null,
        asn: null,
        proxyType: null,
      },
    ],
    ["other types than documented", client({ geo: { country_code: "BRA", as_number: "1" }, tlsJA4: "x" }), {}],
  ];
  for (const [what, given, stamped] of rows) {
    test(what, () =>
      assert.deepEqual(inVocabulary(fastlyCompute().read(FORGED, { info: { client: given } })), {
        ip: "198.51.100.7",
        ...stamped,
      }));
  }
  test("without an event nothing is read", () =>
    assert.throws(() => fastlyCompute().read(FORGED), /there is no event/));
});

describe("lambda()", () => {
  const rows: readonly [what: string, info: unknown, stamped: object][] = [
    ["a Function URL", { requestContext: { http: { sourceIp: "198.51.100.7" } } }, { ip: "198.51.100.7" }],
    ["CloudFront's viewer", { Records: [{ cf: { request: { clientIp: "2001:db8::7" } } }] }, { ip: "2001:db8::7" }],
    ["no event", undefined, {}],
  ];
  for (const [what, info, stamped] of rows) {
    test(what, () => assert.deepEqual(inVocabulary(lambda().read(FORGED, { info })), stamped));
  }
});

describe("the vocabulary", () => {
  test("has what Workers say, in every way to say it", () => {
    const fields = [
      "botScore",
      "verifiedBot",
      "jsDetectionPassed",
      "corporateProxy",
      "ja4",
      "asn",
      "country",
      "isEUCountry",
      "colo",
    ] as const;
    const value = { country: "T1", asn: 64512, colo: "GRU", botManagement: { score: 0, verifiedBot: false, ja4: JA4 } };
    const request = Object.defineProperty(call({}), "cf", { value });
    inVocabulary(cloudflare({ fields, missing: "null" }).read(request));
  });
  const wrong: Record<string, unknown>[] = [
    { asn: 0 },
    { country: "br" },
    { botScore: 100 },
    { ip: "1.1" },
    { ja4: "" },
    { verifiedBot: 0 },
    { city: "" },
  ];
  for (const signals of wrong) {
    test(`refuses ${JSON.stringify(signals)}`, () => assert.equal(v.is(edgeSignals, signals), false));
  }
  test("lets other names by, or not", () => {
    assert.deepEqual(v.parse(edgeSignals, { asn: null, plan: "pro" }), { asn: null, plan: "pro" });
    assert.equal(v.is(edgeSignalsOnly, { plan: "pro" }), false);
  });
});
