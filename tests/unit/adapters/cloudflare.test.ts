import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { REFERENCE_READER } from "../../../adapters/_cloudflare_reference.ts";
import worker, { cloudflare, type CloudflareField, type Missing } from "../../../adapters/cloudflare.ts";

const URL_ = "https://proxy.example/realtime/v1/sessions/chat/in/append";

function request(cf: unknown, headers: Record<string, string> = {}): Request {
  return Object.defineProperty(new Request(URL_, { headers }), "cf", { value: cf });
}

const JA4 = "t13d1516h2_8daaf6152771_b186095e22b6";
const FULL = {
  botManagement: {
    score: 42,
    ja4: JA4,
    ja3Hash: "cd08e31494f9531f560d64c695473da9",
    verifiedBot: false,
    corporateProxy: true,
    jsDetection: { passed: false },
  },
  verifiedBotCategory: "Search Engine Crawler",
  asn: 13335,
  asOrganization: "Example, Inc.",
  country: "BR",
  continent: "SA",
  region: "São Paulo",
  regionCode: "SP",
  city: "São Paulo",
  postalCode: "01000",
  timezone: "America/Sao_Paulo",
  latitude: "-23.54750",
  longitude: "-46.63610",
  colo: "GRU",
  tlsVersion: "TLSv1.3",
  tlsCipher: "AEAD-AES128-GCM-SHA256",
  httpProtocol: "HTTP/3",
};

describe("cloudflare() as the reference Worker", () => {
  const none = { botScore: 0, ja4: "", asn: 0, country: "" };
  const rows: readonly [name: string, cf: unknown, signals: unknown][] = [
    ["everything there", FULL, { botScore: 42, ja4: JA4, asn: 13335, country: "BR" }],
    ["Bot Management did not run", { ...FULL, botManagement: { score: 0 } }, {
      botScore: 0,
      ja4: "",
      asn: 13335,
      country: "BR",
    }],
    ["no Bot Management", { asn: 1, country: "T1" }, { botScore: 0, ja4: "", asn: 1, country: "T1" }],
    ["Bot Management is null", { botManagement: null, asn: 1, country: null }, {
      botScore: 0,
      ja4: "",
      asn: 1,
      country: "",
    }],
    ["no cf, as in a preview", undefined, none],
    ["cf is null", null, none],
  ];
  for (const [name, cf, signals] of rows) {
    test(name, () => assert.deepEqual(cloudflare().read(request(cf)), signals));
  }
  test("in the reference's order, so that the stamp is the same text", () => {
    assert.equal(JSON.stringify(cloudflare().read(request(undefined))), JSON.stringify(none));
  });
});

describe("cloudflare({ missing })", () => {
  const fields = ["botScore", "ja4", "city"] as const;
  const rows: readonly [cf: unknown, missing: Missing, signals: unknown][] = [
    [FULL, "null", { botScore: 42, ja4: JA4, city: "São Paulo" }],
    [{ botManagement: { score: 0, ja4: "" } }, "null", { botScore: 0, ja4: null, city: null }],
    [{}, "null", { botScore: null, ja4: null, city: null }],
    [{}, "reference", { botScore: 0, ja4: "", city: null }],
    [{ botManagement: { score: "42", ja4: 7 }, city: 1 }, "null", { botScore: null, ja4: null, city: null }],
  ];
  for (const [cf, missing, signals] of rows) {
    test(`${missing}: ${JSON.stringify(cf)}`, () =>
      assert.deepEqual(cloudflare({ fields, missing }).read(request(cf)), signals));
  }
  test("refuse: throws for what is absent, and for that alone", () => {
    const provider = cloudflare({ fields: ["botScore", "ja4"], missing: "refuse" });
    assert.throws(() => provider.read(request({})), { message: "cloudflare: botScore is absent" });
    assert.throws(() => provider.read(request({ botManagement: { score: 0 } })), {
      message: "cloudflare: ja4 is absent",
    });
    assert.deepEqual(provider.read(request({ botManagement: { score: 0, ja4: JA4 } })), { botScore: 0, ja4: JA4 });
  });
});

describe("cloudflare({ fields })", () => {
  const rows: readonly [field: CloudflareField, value: unknown][] = [
    ["verifiedBot", false],
    ["verifiedBotCategory", "Search Engine Crawler"],
    ["jsDetectionPassed", false],
    ["corporateProxy", true],
    ["ja3", "cd08e31494f9531f560d64c695473da9"],
    ["asOrganization", "Example, Inc."],
    ["isEUCountry", false],
    ["continent", "SA"],
    ["region", "São Paulo"],
    ["regionCode", "SP"],
    ["postalCode", "01000"],
    ["timezone", "America/Sao_Paulo"],
    ["latitude", -23.5475],
    ["longitude", -46.6361],
    ["colo", "GRU"],
    ["tlsVersion", "TLSv1.3"],
    ["tlsCipher", "AEAD-AES128-GCM-SHA256"],
    ["httpProtocol", "HTTP/3"],
    ["ip", "2001:db8::1"],
  ];
  for (const [field, value] of rows) {
    test(field, () => {
      const provider = cloudflare({ fields: [field], missing: "null" });
      assert.deepEqual(provider.read(request(FULL, { "cf-connecting-ip": "2001:DB8:0::1" })), { [field]: value });
      assert.deepEqual(provider.read(request({}, {})), { [field]: null });
    });
  }
  test("isEUCountry is 1 or absent", () => {
    const { read } = cloudflare({ fields: ["isEUCountry"] });
    assert.deepEqual(read(request({ country: "PT", isEUCountry: "1" })), { isEUCountry: true });
  });
  test("headers decide nothing but the address", () => {
    const forged = { "cf-bot-score": "99", "cf-ja4": JA4, "cf-ipcountry": "CH", "x-asn": "1" };
    assert.deepEqual(cloudflare().read(request({}, forged)), { botScore: 0, ja4: "", asn: 0, country: "" });
  });
  test("a field or policy that there is not stops the start", () => {
    assert.throws(
      () => cloudflare({ fields: ["botscore" as CloudflareField] }),
      /^TypeError: Cannot read the field "botscore": choose from botScore, /,
    );
    assert.throws(() => cloudflare({ fields: ["constructor" as CloudflareField] }), TypeError);
    assert.throws(() => cloudflare({ missing: "none" as Missing }), {
      message: 'Cannot use option `missing`: give "reference", "null" or "refuse"',
    });
  });
  test("the caller's address does not go upstream", () => {
    assert.ok(cloudflare().consumes.includes("cf-connecting-ip"));
  });
});

describe("the ready Worker", () => {
  test("reads what cloudflare() reads", () => {
    const { name, consumes } = cloudflare();
    assert.deepEqual([REFERENCE_READER.name, [...REFERENCE_READER.consumes]], [name, consumes]);
    for (const cf of [FULL, undefined, null, {}, { botManagement: null }, { asn: "1", country: "" }]) {
      assert.deepEqual(REFERENCE_READER.read(request(cf)), cloudflare().read(request(cf)));
    }
  });
  const ctx = { waitUntil: () => {} };
  const LINE =
    "TRIGGER_API_UPSTREAM: is not an upstream; set an http or https URL without credentials, query or fragment, such as https://api.trigger.dev";
  // What is wrong is logged, too.
  const quietly = async (run: () => Promise<Response>): Promise<[Response, unknown[]]> => {
    const { error } = console;
    const logged: unknown[] = [];
    console.error = (line: unknown) => logged.push(line);
    try {
      return [await run(), logged];
    } finally {
      console.error = error;
    }
  };

  test("misconfigured: each request answers 500 with the line and CORS, and it is logged once", async () => {
    const env = {
      TRIGGER_API_UPSTREAM: "https://user:changeme@api.trigger.dev",
      EDGE_ALLOWED_ORIGINS: "https://app.example.com",
    };
    const headers = { origin: "https://app.example.com" };
    const [response, logged] = await quietly(async () => {
      await worker.fetch(new Request(URL_, { headers }), env, ctx);
      return await worker.fetch(new Request(URL_, { headers }), env, ctx);
    });
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("access-control-allow-origin"), "https://app.example.com");
    const body = await response.json() as Record<string, unknown>;
    assert.equal(body["code"], "edge_misconfigured");
    assert.ok(String(body["error"]).includes(LINE), String(body["error"]));
    assert.ok(!JSON.stringify(body).includes("changeme"));
    assert.deepEqual(logged, [LINE]);
  });
  test("misconfigured: a preflight is answered, so that the browser may read the rest", async () => {
    const env = { EDGE_GUARD: "open", EDGE_ALLOWED_ORIGINS: "*" };
    const [response] = await quietly(() =>
      worker.fetch(new Request(URL_, { method: "OPTIONS", headers: { origin: "https://a.example" } }), env, ctx)
    );
    assert.equal(response.status, 204);
    assert.equal(response.headers.get("access-control-allow-origin"), "*");
  });
  test("misconfigured origins: no CORS, the line all the same", async () => {
    const [response] = await quietly(() =>
      worker.fetch(new Request(URL_), { EDGE_ALLOWED_ORIGINS: "app.example.com" }, ctx)
    );
    assert.equal(response.headers.get("access-control-allow-origin"), null);
    assert.match(await response.text(), /EDGE_ALLOWED_ORIGINS: is not a list of origins/);
  });
  test("each environment has its own configuration", async () => {
    const [bad] = await quietly(() => worker.fetch(new Request(URL_), { EDGE_GUARD: "x" }, ctx));
    const good = await worker.fetch(new Request(URL_, { method: "OPTIONS" }), {}, ctx);
    assert.equal(bad.status, 500);
    assert.equal(good.status, 204);
  });
  test("other platforms' providers cannot be chosen", async () => {
    const [response] = await quietly(() => worker.fetch(new Request(URL_), { EDGE_TRUST: "socket" }, ctx));
    assert.match(await response.text(), /EDGE_TRUST: is unknown here; set cloudflare\)/);
  });
});
