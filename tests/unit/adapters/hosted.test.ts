import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { fly } from "../../../adapters/fly.ts";
import vercelHandler, { middleware, vercel } from "../../../adapters/vercel.ts";
import { bytes, call, JA3, JA4, reads } from "./tables.ts";

describe("vercel()", () => {
  const env = { VERCEL: "1" };
  const everything = [
    "ip",
    "country",
    "regionCode",
    "city",
    "continent",
    "postalCode",
    "timezone",
    "latitude",
    "longitude",
    "asn",
    "ja3",
    "ja4",
  ] as const;
  reads(vercel({ env, fields: everything }), [
    ["absent", {}, {}],
    ["all of it", {
      "x-real-ip": "198.51.100.7",
      "x-vercel-ip-country": "BR",
      "x-vercel-ip-country-region": "SP",
      "x-vercel-ip-city": "S%C3%A3o%20Paulo",
      "x-vercel-ip-continent": "SA",
      "x-vercel-ip-postal-code": "01000-000",
      "x-vercel-ip-timezone": "America/Sao_Paulo",
      "x-vercel-ip-latitude": "-23.5475",
      "x-vercel-ip-longitude": "-46.6361",
      "x-vercel-ip-as-number": "64512",
      "x-vercel-ja3-digest": JA3,
      "x-vercel-ja4-digest": JA4,
    }, {
      ip: "198.51.100.7",
      country: "BR",
      regionCode: "SP",
      city: "São Paulo",
      continent: "SA",
      postalCode: "01000-000",
      timezone: "America/Sao_Paulo",
      latitude: -23.5475,
      longitude: -46.6361,
      asn: 64512,
      ja3: JA3,
      ja4: JA4,
    }],
    ["malformed escapes in a city", { "x-vercel-ip-city": "%E0%A4%A" }, {}],
    ["a city in plain letters", { "x-vercel-ip-city": "Berlin" }, { city: "Berlin" }],
    ["sentinels", { "x-vercel-ip-country": "XX", "x-vercel-ip-as-number": "0", "x-vercel-ja4-digest": "" }, {
      country: null,
      asn: null,
      ja4: null,
    }],
    ["malformed", { "x-real-ip": "evil", "x-vercel-ip-country": "Brazil", "x-vercel-ip-latitude": "NaN" }, {}],
    ["repeated", { "x-real-ip": ["1.1.1.1", "2.2.2.2"], "x-vercel-ip-country": ["BR", "CH"] }, {}],
    ["what a client can choose is not read", { "x-forwarded-for": "1.1.1.1", "cf-connecting-ip": "1.1.1.1" }, {}],
  ]);
  test("what Vercel does not document is read only by name, and goes upstream never", () => {
    const provider = vercel({ env });
    assert.deepEqual(provider.read(call({ "x-vercel-ip-as-number": "64512", "x-vercel-ip-country": "BR" })), {
      country: "BR",
    });
    assert.ok(provider.consumes.includes("x-vercel-ip-as-number"));
  });
  test("is not to be had elsewhere", () => {
    for (const elsewhere of [{}, { VERCEL: "" }, { VERCEL: "0" }, { VERCEL: "true" }]) {
      assert.throws(() => vercel({ env: elsewhere }), {
        name: "TypeError",
        message:
          "Cannot believe vercel's headers here: VERCEL=1 is not set, so anybody can send them; use another provider, or say `assumeTopology: true`",
      });
    }
    assert.deepEqual(vercel({ env: {}, assumeTopology: true }).read(call({ "x-real-ip": "::1" })), { ip: "::1" });
  });
  test("only what is asked for, and nothing of it goes upstream", () => {
    const provider = vercel({ env, fields: ["country"] });
    assert.deepEqual(provider.read(call({ "x-real-ip": "1.1.1.1", "x-vercel-ip-country": "de" })), { country: "DE" });
    for (const header of ["x-real-ip", "x-vercel-ja4-digest", "x-vercel-oidc-token", "x-vercel-protection-bypass"]) {
      assert.ok(provider.consumes.includes(header), header);
    }
    assert.throws(() => vercel({ env, fields: ["botScore" as "ip"] }), /choose from ip, country/);
  });
  test("the ready functions do not start elsewhere", async () => {
    const { error } = console;
    console.error = () => {};
    try {
      for (const answer of [middleware, vercelHandler.fetch]) {
        const response = await answer(new Request("https://p.example/api/v1/sessions", { method: "POST", body: "{}" }));
        assert.equal(response.status, 500);
        assert.match(await response.text(), /edge_misconfigured|VERCEL: is not 1/);
      }
    } finally {
      console.error = error;
    }
  });
});

describe("fly()", () => {
  const env = { FLY_APP_NAME: "chat" };
  reads(fly({ env }), [
    ["absent", {}, {}],
    ["present", { "fly-client-ip": "2001:DB8::7" }, { ip: "2001:db8::7" }],
    ["empty", { "fly-client-ip": "" }, { ip: null }],
    ["repeated", { "fly-client-ip": ["1.1.1.1", "2.2.2.2"] }, {}],
    ["malformed", { "fly-client-ip": bytes("São Paulo") }, {}],
    ["forged elsewhere", { "x-forwarded-for": "1.1.1.1", "fly-region": "gru" }, {}],
  ]);
  test("is not to be had elsewhere", () => assert.throws(() => fly({ env: { FLY_APP_NAME: "" } }), TypeError));
});
