import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FASTLY_MAP, fastlyHeaders } from "../../../adapters/fastly.ts";

const SECRET = "kT9vB2qLx7RmZ4nWc8Hj3PfYd6Gs1Ua0";
const PROOF = { header: "x-edgestamp-proof", secret: SECRET };
const call = (headers: Record<string, string>): Request => new Request("http://p.example/", { headers });

describe("fastlyHeaders()", () => {
  const provider = fastlyHeaders({ proof: PROOF });
  const proven = (headers: Record<string, string>): unknown =>
    provider.read(call({ ...headers, "x-edgestamp-proof": SECRET }));

  test("reads what the VCL sets", () => {
    const signals = proven({
      "x-edgestamp-ip": "198.51.100.7",
      "x-edgestamp-country": "BR",
      "x-edgestamp-region-code": "SP",
      "x-edgestamp-city": "S%C3%A3o%20Paulo",
      "x-edgestamp-latitude": "-23.547",
      "x-edgestamp-asn": "64512",
      "x-edgestamp-as-organization": "Example%2C%20Inc.",
      "x-edgestamp-proxy-type": "hosting",
      "x-edgestamp-ja3": "582a3b42ab84f78a5b376b1e29d6d367",
      "x-edgestamp-ja4": "t13d1516h2_8daaf6152771_b186095e22b6",
      "x-edgestamp-tls-version": "TLSv1.3",
      "x-edgestamp-bot-category": "SUSPECTED-BOT",
    });
    assert.deepEqual(signals, {
      ip: "198.51.100.7",
      country: "BR",
      regionCode: "SP",
      city: "São Paulo",
      latitude: -23.547,
      asn: 64512,
      asOrganization: "Example, Inc.",
      proxyType: "hosting",
      ja3: "582a3b42ab84f78a5b376b1e29d6d367",
      ja4: "t13d1516h2_8daaf6152771_b186095e22b6",
      tlsVersion: "TLSv1.3",
      botCategory: "SUSPECTED-BOT",
    });
  });

  const sentinels: readonly [header: string, value: string, field: string, expected: unknown][] = [
    ["x-edgestamp-city", "", "city", null],
    ["x-edgestamp-city", "?", "city", null],
    ["x-edgestamp-latitude", "999.0", "latitude", null],
    ["x-edgestamp-longitude", "999.000", "longitude", null],
    ["x-edgestamp-longitude", "0.000", "longitude", 0],
    ["x-edgestamp-asn", "0", "asn", null],
    ["x-edgestamp-proxy-type", "?", "proxyType", null],
    ["x-edgestamp-proxy-description", "?", "proxyDescription", null],
    ["x-edgestamp-bot-name", "", "botName", null],
    ["x-edgestamp-ja4", "", "ja4", null],
  ];
  for (const [header, value, field, expected] of sentinels) {
    test(`${header}: ${JSON.stringify(value)}`, () =>
      assert.deepEqual(proven({ [header]: value }), { [field]: expected }));
  }

  test("forged: nothing is read without the proof", () => {
    assert.throws(() => provider.read(call({ "x-edgestamp-country": "CH" })), {
      message: "fastly: the proof is absent or wrong",
    });
    const quiet = fastlyHeaders({ proof: PROOF, withoutProof: "null" });
    assert.equal(quiet.read(call({ "x-edgestamp-country": "CH", "x-edgestamp-proof": "x" })), null);
  });
  test("Fastly's own headers are not read: a client can send them", () => {
    assert.deepEqual(proven({ "fastly-client-ip": "1.2.3.4", "x-forwarded-for": "1.2.3.4" }), {});
  });
  test("a map of one's own", () => {
    const own = fastlyHeaders({ map: { country: "x-geo" }, assumeTopology: true });
    assert.deepEqual(own.read(call({ "x-geo": "DE", "x-edgestamp-asn": "1" })), { country: "DE" });
    assert.deepEqual(own.consumes, ["x-geo"]);
  });
  test("what it reads does not go upstream", () => {
    assert.equal(provider.name, "fastly");
    assert.deepEqual(provider.consumes.length, Object.keys(FASTLY_MAP).length + 1);
    assert.ok(provider.consumes.includes("x-edgestamp-proof"));
  });
  test("does not start without a proof", () => assert.throws(() => fastlyHeaders({}), TypeError));
});
