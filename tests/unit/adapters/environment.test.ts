import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readEnvironment, type Setup } from "../../../adapters/_environment.ts";
import { type Address, type Machine, readAddress, readMachine } from "../../../adapters/_machine.ts";
import { PLAIN_TRUSTS, type PlainTrust, plainTrust } from "../../../adapters/_trusts.ts";
import type { Environment } from "../../../adapters/_types.ts";
import { toReader } from "../../../src/trust.ts";

const SECRET = "kT9vB2qLx7RmZ4nWc8Hj3PfYd6Gs1Ua0";
const OLD = "Qe5Xo1Lw9Vt3Kb7Mz2Rc8Nf4Hy6Jp0Sg";
/** As a server on a machine reads it. */
const read = (env: Environment): Setup<PlainTrust> & Machine & Address => ({
  ...readEnvironment(env, { trusts: PLAIN_TRUSTS }),
  ...readMachine(env),
  ...readAddress(env),
});

const DEFAULTS = {
  options: { upstream: "https://api.trigger.dev", namespace: "__edge" },
  trust: "socket",
  proof: undefined,
  seal: undefined,
  log: "json",
  metrics: undefined,
  maxInFlight: 10_000,
  host: "0.0.0.0",
  port: 3000,
};

describe("an environment that can be used", () => {
  const rows: readonly [env: Environment, differs: object][] = [
    [{}, {}],
    [{ PATH: "/bin", EDGE_OTHER: "x" }, {}],
    [{
      TRIGGER_API_UPSTREAM: "",
      EDGE_GUARD: " ",
      EDGE_PROOF_SECRET: "",
      PORT: "",
      EDGE_ALLOWED_ORIGINS: "",
      HOST: undefined,
    }, {}],
    [{ TRIGGER_API_UPSTREAM: "http://localhost:3030/base\n" }, {
      options: { ...DEFAULTS.options, upstream: "http://localhost:3030/base" },
    }],
    [{ EDGE_NAMESPACE: "__cf" }, { options: { ...DEFAULTS.options, namespace: "__cf" } }],
    [{ EDGE_GUARD: "chat" }, { options: { ...DEFAULTS.options, guard: "chat" } }],
    [{ EDGE_ALLOWED_ORIGINS: "*" }, { options: { ...DEFAULTS.options, cors: { origins: "*" } } }],
    [
      { EDGE_ALLOWED_ORIGINS: " https://a.example , https://*.b.example:8443," },
      { options: { ...DEFAULTS.options, cors: { origins: ["https://a.example", "https://*.b.example:8443"] } } },
    ],
    [{ EDGE_SEAL: "none", EDGE_SEAL_KEY: "not looked at" }, {}],
    [{ EDGE_SEAL: "signed", EDGE_SEAL_KEY: "{}" }, { seal: { kind: "signed", key: "{}" } }],
    [{ EDGE_TRUST: "none" }, { trust: "none" }],
    [{ EDGE_TRUST: "headers", EDGE_PROOF_SECRET: SECRET }, { trust: "headers", proof: SECRET }],
    [{ EDGE_TRUST: "fastly", EDGE_PROOF_SECRET: `${SECRET}, ${OLD}` }, { trust: "fastly", proof: [SECRET, OLD] }],
    [{ HOST: "::1", PORT: "0" }, { host: "::1", port: 0 }],
    [{ PORT: 8080 }, { port: 8080 }],
    [{ EDGE_METRICS_PORT: "9464" }, { metrics: { host: "127.0.0.1", port: 9464 } }],
    [{ EDGE_METRICS_PORT: 0, EDGE_METRICS_HOST: "::" }, { metrics: { host: "::", port: 0 } }],
    [{ EDGE_METRICS_HOST: "0.0.0.0" }, {}],
    [{ EDGE_LOG: "none" }, { log: "none" }],
    [{ EDGE_MAX_IN_FLIGHT: " 500 " }, { maxInFlight: 500 }],
  ];
  for (const [env, differs] of rows) {
    test(JSON.stringify(env), () => assert.deepEqual(read(env), { ...DEFAULTS, ...differs }));
  }
  test("a platform's own default namespace", () => {
    assert.equal(readEnvironment({}, { namespace: "__cf", trusts: ["cloudflare"] }).options.namespace, "__cf");
    assert.equal(
      readEnvironment({ EDGE_NAMESPACE: "__x" }, { namespace: "__cf", trusts: ["cloudflare"] }).options.namespace,
      "__x",
    );
  });
});

test("what only a machine uses is nobody's where a server is hosted", () => {
  const env = {
    HOST: "https://db.example",
    PORT: "tcp://10.0.0.1:80",
    EDGE_METRICS_HOST: {},
    EDGE_METRICS_PORT: "no",
    EDGE_MAX_IN_FLIGHT: "no",
  };
  const { options, trust } = readEnvironment(env, { trusts: ["vercel"] });
  assert.deepEqual({ options, trust }, { options: DEFAULTS.options, trust: "vercel" });
});

describe("an environment that cannot be used: one line, the variable, the mend", () => {
  const UPSTREAM =
    "TRIGGER_API_UPSTREAM: is not an upstream; set an http or https URL without credentials, query or fragment, such as https://api.trigger.dev";
  const NAMESPACE = "EDGE_NAMESPACE: is not a namespace; set 1 to 64 letters, digits, _, $ or -, such as __edge";
  const ORIGINS =
    "EDGE_ALLOWED_ORIGINS: is not a list of origins; set *, or such as https://app.example.com,https://*.example.com";
  const MEND = "set 32 or more random characters, e.g. openssl rand -base64 32";
  const PLACEHOLDER = `EDGE_PROOF_SECRET: is a placeholder; ${MEND}`;
  const SHORT = `EDGE_PROOF_SECRET: is too short; ${MEND}`;
  const NEEDED = (trust: string): string =>
    `EDGE_PROOF_SECRET: is needed where EDGE_TRUST is ${trust}; ${MEND}, and have them sent as X-Edgestamp-Proof`;
  const IDLE = (trust: string): string =>
    `EDGE_PROOF_SECRET: is of no use where EDGE_TRUST is ${trust}; set EDGE_TRUST to headers or fastly, or leave it out`;
  const PORT = "PORT: is not a port; set a number from 0 to 65535";
  const COUNT = "EDGE_MAX_IN_FLIGHT: is not a number of requests; set a whole number above 0, such as 10000";
  const rows: readonly [env: Environment, line: string][] = [
    [{ TRIGGER_API_UPSTREAM: "api.trigger.dev" }, UPSTREAM],
    [{ TRIGGER_API_UPSTREAM: "ftp://api.trigger.dev" }, UPSTREAM],
    [{ TRIGGER_API_UPSTREAM: "https://user:pass@api.trigger.dev" }, UPSTREAM],
    [{ TRIGGER_API_UPSTREAM: "https://api.trigger.dev?x" }, UPSTREAM],
    [{ TRIGGER_API_UPSTREAM: {} }, "TRIGGER_API_UPSTREAM: is not text; set a string"],
    [{ EDGE_NAMESPACE: "with space" }, NAMESPACE],
    [{ EDGE_NAMESPACE: "__proto__" }, NAMESPACE],
    [{ EDGE_ALLOWED_ORIGINS: "app.example.com" }, ORIGINS],
    [{ EDGE_ALLOWED_ORIGINS: "https://a.example/" }, ORIGINS],
    [{ EDGE_ALLOWED_ORIGINS: "*,https://a.example" }, ORIGINS],
    [{ EDGE_ALLOWED_ORIGINS: "null" }, ORIGINS],
    [{ EDGE_ALLOWED_ORIGINS: "," }, ORIGINS],
    [{ EDGE_GUARD: "strict" }, "EDGE_GUARD: is unknown; set standard, chat or off"],
    [{ EDGE_GUARD: "Off" }, "EDGE_GUARD: is unknown; set standard, chat or off"],
    [{ EDGE_SEAL: "yes" }, "EDGE_SEAL: is unknown; set none, signed or encrypted"],
    [
      { EDGE_SEAL: "signed" },
      "EDGE_SEAL_KEY: is needed where EDGE_SEAL is signed; run `edgestamp keygen` and set what stands after EDGE_SEAL_KEY=, without quotes",
    ],
    [
      { EDGE_SEAL: "encrypted", EDGE_SEAL_KEY: " " },
      "EDGE_SEAL_KEY: is needed where EDGE_SEAL is encrypted; run `edgestamp keygen --encrypted` and set what stands after EDGE_SEAL_KEY=, without quotes",
    ],
    [{ EDGE_SEAL_KEY: "{}" }, "EDGE_SEAL: is needed where EDGE_SEAL_KEY is set; set signed, encrypted or none"],
    [{ EDGE_TRUST: "cloudflare" }, "EDGE_TRUST: is unknown here; set socket, headers, fastly, fly or none"],
    [{ EDGE_TRUST: "headers" }, NEEDED("headers")],
    [{ EDGE_TRUST: "fastly" }, NEEDED("fastly")],
    [{ EDGE_PROOF_SECRET: SECRET }, IDLE("socket")],
    [{ EDGE_TRUST: "none", EDGE_PROOF_SECRET: `${SECRET},${OLD}` }, IDLE("none")],
    [{ EDGE_TRUST: "fly", EDGE_PROOF_SECRET: SECRET }, IDLE("fly")],
    [{ EDGE_PROOF_SECRET: "changeme" }, PLACEHOLDER],
    [{ EDGE_PROOF_SECRET: "change-me-change-me-change-me-change-me" }, PLACEHOLDER],
    [{ EDGE_PROOF_SECRET: "your-secret-key-here" }, PLACEHOLDER],
    [{ EDGE_PROOF_SECRET: "x".repeat(40) }, PLACEHOLDER],
    [{ EDGE_PROOF_SECRET: "abababababababababababababababababab" }, PLACEHOLDER],
    [{ EDGE_PROOF_SECRET: "0123456789abcdef0123456789abcdef" }, PLACEHOLDER],
    [{ EDGE_PROOF_SECRET: "Zk3q" }, SHORT],
    [{ EDGE_PROOF_SECRET: SECRET.slice(0, 31) }, SHORT],
    [{ EDGE_PROOF_SECRET: `${SECRET},` }, SHORT],
    [
      { EDGE_PROOF_SECRET: `${SECRET},${OLD},${SECRET}` },
      "EDGE_PROOF_SECRET: has more than two secrets; set the new one and the old one, separated by a comma",
    ],
    [
      { EDGE_PROOF_SECRET: `${SECRET} ${OLD}` },
      `EDGE_PROOF_SECRET: has characters that a header cannot carry alone; ${MEND}`,
    ],
    [{ HOST: "http://localhost" }, "HOST: is not a host; set a name or an address without brackets, such as 0.0.0.0"],
    [{ PORT: "http" }, PORT],
    [{ PORT: "65536" }, PORT],
    [{ PORT: "-1" }, PORT],
    [{ PORT: "3000.5" }, PORT],
    [{ PORT: true }, PORT],
    [{ EDGE_METRICS_PORT: "/metrics" }, `EDGE_METRICS_${PORT}`],
    [{ EDGE_LOG: "yes" }, "EDGE_LOG: is unknown; set json or none"],
    [{ EDGE_MAX_IN_FLIGHT: "0" }, COUNT],
    [{ EDGE_MAX_IN_FLIGHT: "many" }, COUNT],
    [{ EDGE_MAX_IN_FLIGHT: "1e3" }, COUNT],
    [{ EDGE_MAX_IN_FLIGHT: false }, COUNT],
  ];
  for (const [env, line] of rows) {
    test(JSON.stringify(env), () => {
      assert.throws(() => read(env), { name: "EnvironmentError", message: line });
      assert.ok(!line.includes("\n"));
    });
  }
  test("where a server is hosted, the mend is what there is", () => {
    const hosted = (trusts: readonly [string, ...string[]]) => () =>
      readEnvironment({ EDGE_PROOF_SECRET: SECRET }, { trusts });
    const idle = "EDGE_PROOF_SECRET: is of no use where EDGE_TRUST is";
    assert.throws(hosted(["vercel"]), { message: `${idle} vercel; leave it out` });
    assert.throws(hosted(["lambda", "headers", "none"]), {
      message: `${idle} lambda; set EDGE_TRUST to headers, or leave it out`,
    });
  });
  test("a value is never told", () => {
    for (const [env] of rows) {
      const value = Object.values(env).find((value) => typeof value === "string" && value.length >= 20);
      if (value === undefined) continue;
      assert.throws(() => read(env), (error: Error) => !error.message.includes(String(value)));
    }
  });
});

describe("EDGE_TRUST", () => {
  const provider = (env: Environment): ReturnType<typeof toReader> => toReader(plainTrust(read(env)));
  const call = new Request("http://p.example/", {
    headers: {
      "x-edgestamp-proof": SECRET,
      "x-edgestamp-country": "DE",
      "x-edgestamp-as-organization": "Example, Inc.",
      "x-edgestamp-region": "Bonaire, Sint Eustatius and Saba",
      "x-edgestamp-city": "Washington, D.C.",
      "x-edgestamp-timezone": "Europe/Lisbon, Europe/Berlin",
      "x-edgestamp-verified-bot": "true",
    },
  });
  const info = { socket: { remoteAddress: "198.51.100.7" } };
  const rows: readonly [trust: PlainTrust, signals: unknown][] = [
    ["socket", { ip: "198.51.100.7" }],
    ["headers", {
      country: "DE",
      region: "Bonaire, Sint Eustatius and Saba",
      city: "Washington, D.C.",
      asOrganization: "Example, Inc.",
      verifiedBot: true,
    }],
    ["fastly", { country: "DE" }],
    ["none", null],
  ];
  for (const [trust, signals] of rows) {
    test(trust, async () => {
      const proof = trust === "headers" || trust === "fastly" ? { EDGE_PROOF_SECRET: SECRET } : {};
      const reader = provider({ EDGE_TRUST: trust, ...proof });
      assert.equal(reader.name, trust);
      assert.deepEqual(await reader.read(call, { info }), signals);
    });
  }
  test("headers are believed behind either of two secrets, and behind no other", async () => {
    const reader = provider({ EDGE_TRUST: "headers", EDGE_PROOF_SECRET: `${OLD},${SECRET}` });
    assert.equal((await reader.read(call) as Record<string, unknown>)["country"], "DE");
    assert.throws(() => provider({ EDGE_TRUST: "headers", EDGE_PROOF_SECRET: OLD }).read(call));
    assert.ok(reader.consumes.has("x-edgestamp-proof") && reader.consumes.has("x-edgestamp-bot-score"));
  });
});
