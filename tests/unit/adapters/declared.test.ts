import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { akamai } from "../../../adapters/akamai.ts";
import { cloudflareOrigin } from "../../../adapters/cloudflare_origin.ts";
import { cloudfront } from "../../../adapters/cloudfront.ts";
import { bytes, call, JA3, JA4, needsProof, PROOF, PROVEN, reads, type Row } from "./tables.ts";

describe("cloudflareOrigin()", () => {
  const headers = [
    "cf-connecting-ip",
    "cf-ipcountry",
    "cf-region",
    "cf-region-code",
    "cf-ipcity",
    "cf-iplatitude",
    "cf-bot-score",
    "cf-verified-bot",
    "cf-ja3-hash",
    "cf-ja4",
  ] as const;
  const provider = cloudflareOrigin({ headers, proof: PROOF });
  const rows: Row[] = [
    ["absent", PROVEN, {}],
    ["present", {
      ...PROVEN,
      "cf-connecting-ip": "2001:db8::7",
      "cf-ipcountry": "BR",
      "cf-region": bytes("São Paulo"),
      "cf-region-code": "SP",
      "cf-ipcity": bytes("São Paulo"),
      "cf-iplatitude": "-23.5",
      "cf-bot-score": "30",
      "cf-verified-bot": "false",
      "cf-ja3-hash": JA3,
      "cf-ja4": JA4,
    }, {
      ip: "2001:db8::7",
      country: "BR",
      region: "São Paulo",
      regionCode: "SP",
      city: "São Paulo",
      latitude: -23.5,
      botScore: 30,
      verifiedBot: false,
      ja3: JA3,
      ja4: JA4,
    }],
    ["not run", { ...PROVEN, "cf-bot-score": "0", "cf-ipcountry": "XX", "cf-ja4": "" }, {
      botScore: null,
      country: null,
      ja4: null,
    }],
    ["Tor", { ...PROVEN, "cf-ipcountry": "T1" }, { country: null }],
    ["repeated", { ...PROVEN, "cf-connecting-ip": ["1.1.1.1", "2.2.2.2"], "cf-bot-score": ["99", "1"] }, {}],
    ["malformed", { ...PROVEN, "cf-bot-score": "100", "cf-verified-bot": "maybe", "cf-ja4": "t13" }, {}],
    ["a header that is not named", { ...PROVEN, "cf-timezone": "UTC", "true-client-ip": "1.1.1.1" }, {}],
  ];
  reads(provider, rows);
  needsProof(provider, rows);
  test("nothing of Cloudflare's goes upstream, named or not", () => {
    for (const name of ["cf-connecting-ip", "cf-timezone", "true-client-ip", "cf-access-jwt-assertion", PROOF.header]) {
      assert.ok(provider.consumes.includes(name), name);
    }
  });
  test("each header is named, behind a proof", () => {
    assert.throws(() => cloudflareOrigin({ headers: [], proof: PROOF }), /name the headers/);
    assert.throws(() => cloudflareOrigin({ headers: ["cf-threat-score" as "cf-ja4"], proof: PROOF }), /is unknown/);
    assert.throws(() => cloudflareOrigin({ headers }), /Cannot believe headers without a proof/);
  });
});

describe("cloudfront()", () => {
  const headers = [
    "CloudFront-Viewer-Address",
    "CloudFront-Viewer-ASN",
    "CloudFront-Viewer-Country",
    "CloudFront-Viewer-Country-Region",
    "CloudFront-Viewer-Country-Region-Name",
    "CloudFront-Viewer-City",
    "CloudFront-Viewer-TLS",
    "CloudFront-Viewer-Http-Version",
    "CloudFront-Viewer-JA3-Fingerprint",
    "CloudFront-Viewer-JA4-Fingerprint",
  ] as const;
  const provider = cloudfront({ headers, proof: PROOF });
  const address = (value: string | string[]) => ({ ...PROVEN, "cloudfront-viewer-address": value });
  const rows: Row[] = [
    ["absent", PROVEN, {}],
    ["present", {
      ...address("198.51.100.10:46532"),
      "cloudfront-viewer-asn": "64512",
      "cloudfront-viewer-country": "BR",
      "cloudfront-viewer-country-region": "SP",
      "cloudfront-viewer-country-region-name": "S%C3%A3o%20Paulo",
      "cloudfront-viewer-city": "S%C3%A3o%20Paulo",
      "cloudfront-viewer-tls": "TLSv1.3:TLS_AES_128_GCM_SHA256:sessionResumed",
      "cloudfront-viewer-http-version": "2.0",
      "cloudfront-viewer-ja3-fingerprint": JA3,
      "cloudfront-viewer-ja4-fingerprint": JA4,
    }, {
      ip: "198.51.100.10",
      asn: 64512,
      country: "BR",
      regionCode: "SP",
      region: "São Paulo",
      city: "São Paulo",
      tlsVersion: "TLSv1.3",
      tlsCipher: "TLS_AES_128_GCM_SHA256",
      httpProtocol: "HTTP/2.0",
      ja3: JA3,
      ja4: JA4,
    }],
    ["IPv6 without brackets", address("2001:db8::1:52384"), { ip: "2001:db8::1" }],
    ["IPv6 with brackets", address("[2001:db8::1]:52384"), { ip: "2001:db8::1" }],
    ["an address without a port", address("198.51.100.10"), {}],
    ["an address twice", address(["198.51.100.10:1", "1.1.1.1:1"]), {}],
    ["an empty address", address(""), { ip: null }],
    ["TLS twice", { ...PROVEN, "cloudfront-viewer-tls": ["TLSv1.3:A:b", "TLSv1.0:B:c"] }, {}],
    ["malformed", { ...PROVEN, "cloudfront-viewer-city": "%", "cloudfront-viewer-asn": "AS-1" }, {}],
    ["a header that is not named", { ...PROVEN, "cloudfront-viewer-latitude": "1" }, {}],
  ];
  reads(provider, rows);
  needsProof(provider, rows);
});

describe("akamai()", () => {
  const provider = akamai({ headers: ["true-client-ip", "x-akamai-edgescape", "akamai-bot"], proof: PROOF });
  const scape = (value: string | string[]) => ({ ...PROVEN, "x-akamai-edgescape": value });
  const bot = (value: string | string[]) => ({ ...PROVEN, "akamai-bot": value });
  const rows: Row[] = [
    ["absent", PROVEN, {}],
    ["an address", { ...PROVEN, "true-client-ip": "198.51.100.7" }, { ip: "198.51.100.7" }],
    ["an address twice", { ...PROVEN, "true-client-ip": ["198.51.100.7", "1.1.1.1"] }, {}],
    [
      "EdgeScape",
      scape(
        "georegion=246,country_code=US,region_code=CA,city=SANJOSE,dma=807,zip=95101+95103-95106,continent=NA,lat=37.3353,long=-121.8938,timezone=PST,network=example,asnum=64512",
      ),
      {
        country: "US",
        regionCode: "CA",
        city: "SANJOSE",
        postalCode: "95101",
        continent: "NA",
        latitude: 37.3353,
        longitude: -121.8938,
        timezone: "PST",
        asn: 64512,
        asOrganization: "example",
      },
    ],
    ["EdgeScape: reserved", scape("country_code=reserved,city=reserved"), { country: null, city: null }],
    ["EdgeScape: several numbers", scape("asnum=64512+64513,timezone=GMT+1"), { asn: 64512, timezone: "GMT+1" }],
    ["EdgeScape twice", scape(["country_code=US,city=A", "country_code=CH,city=B,asnum=1"]), {}],
    ["EdgeScape twice, with nothing in common", scape(["asnum=1", "country_code=US,city=A"]), {}],
    ["EdgeScape twice, joined closely", scape("asnum=1,country_code=CH,country_code=US,city=A"), {}],
    ["EdgeScape: malformed", scape("country_code,city=,asnum=x,dma"), { city: null }],
    ["EdgeScape: nameless pairs", scape("country_code=US,=,city=A"), {}],
    ["a bot", bot("Unknown Bot (7B0E866A):monitor:Behavior Anomaly:60:strict"), {
      botName: "Unknown Bot",
      botScore: 40,
    }],
    ["certainly a bot", bot("X (1):deny:Y:100:aggressive"), { botName: "X", botScore: 1 }],
    ["certainly a human", bot("X (1):monitor:Y:0:human"), { botName: "X", botScore: 99 }],
    ["a bot's score out of range", bot("X (1):monitor:Y:101:human"), { botName: "X" }],
    ["a bot twice", bot(["X (1):deny:Y:100:a", "X (1):monitor:Y:0:human"]), {}],
    ["a bot, malformed", bot("60"), {}],
  ];
  reads(provider, rows);
  needsProof(provider, rows);
  test("a header that is not named", () => {
    const one = akamai({ headers: ["akamai-bot"], proof: PROOF });
    return Promise.resolve(one.read(call({ ...PROVEN, "true-client-ip": "1.1.1.1" }))).then((signals) =>
      assert.deepEqual(signals, {})
    );
  });
});
