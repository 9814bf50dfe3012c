import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import type { Refusal } from "../../src/errors.ts";
import type { Verdict, VerdictProvider } from "../../src/verdicts.ts";
import { answering, assessed, at, CALL, good, PROVIDERS, restoreFetch, SECRET } from "./captcha_services.ts";

afterEach(restoreFetch);

describe("a solved captcha", () => {
  const rows: readonly [what: string, VerdictProvider, answer: unknown, verdict: Verdict][] = [
    ["turnstile", PROVIDERS.turnstile(), good, {
      provider: "turnstile",
      score: 1,
      raw: null,
      hostname: "app.example.com",
      action: "chat",
      at,
    }],
    ["turnstile, any action", PROVIDERS.turnstile({ action: undefined }), { ...good, action: "x" }, {
      provider: "turnstile",
      score: 1,
      raw: null,
      hostname: "app.example.com",
      at,
    }],
    ["hcaptcha, no score", PROVIDERS.hcaptcha(), good, {
      provider: "hcaptcha",
      score: 1,
      raw: null,
      hostname: "app.example.com",
      at,
    }],
    ["hcaptcha, safe", PROVIDERS.hcaptcha(), { ...good, score: 0, score_reason: ["safe"] }, {
      provider: "hcaptcha",
      score: 1,
      raw: 0,
      hostname: "app.example.com",
      reasons: ["safe"],
      at,
    }],
    ["hcaptcha, a threat", PROVIDERS.hcaptcha(), { ...good, score: 0.75 }, {
      provider: "hcaptcha",
      score: 0.25,
      raw: 0.75,
      hostname: "app.example.com",
      at,
    }],
    ["recaptcha v3", PROVIDERS.recaptcha(), { ...good, score: 0.3 }, {
      provider: "recaptcha",
      score: 0.3,
      raw: 0.3,
      hostname: "app.example.com",
      action: "chat",
      at,
    }],
    ["recaptcha v2", PROVIDERS.recaptcha({ action: null }), { ...good, action: undefined }, {
      provider: "recaptcha",
      score: 1,
      raw: null,
      hostname: "app.example.com",
      at,
    }],
    ["enterprise", PROVIDERS.enterprise(), assessed({}, { reasons: ["AUTOMATION"] }), {
      provider: "recaptcha",
      score: 0.7,
      raw: 0.7,
      hostname: "app.example.com",
      action: "chat",
      reasons: ["AUTOMATION"],
      at,
    }],
    [
      "enterprise, checkbox",
      PROVIDERS.enterprise({ action: null }),
      assessed({ action: "" }, { score: 1, reasons: undefined }),
      { provider: "recaptcha", score: 1, raw: 1, hostname: "app.example.com", at },
    ],
  ];
  for (const [what, provider, answer, verdict] of rows) {
    test(`is a verdict from 0 (bot) to 1 (human): ${what}`, async () => {
      answering(answer);
      assert.deepEqual(await provider.verify("token", CALL), verdict);
    });
  }
  test("is not solved in the future", async () => {
    answering({ ...good, challenge_ts: "2999-01-01T00:00:00Z" });
    const verdict = await PROVIDERS.turnstile().verify("token", CALL);
    assert.ok(verdict !== null && Math.abs(verdict.at - Date.now() / 1000) < 5);
  });
});

const challenged = "edge_admit_challenge";
const unavailable = "edge_trust_unavailable";
describe("no verdict", () => {
  const siteverify: readonly [answer: unknown, code: string][] = [
    [{ success: false, "error-codes": ["timeout-or-duplicate"] }, challenged],
    [{ success: false, "error-codes": ["invalid-input-response"] }, challenged],
    [{ success: false }, challenged],
    [{ success: "true" }, unavailable],
    [{ success: false, "error-codes": ["invalid-input-secret"] }, unavailable],
    [{ ...good, hostname: "evil.example" }, challenged],
    [{ ...good, hostname: "app.example.com.evil.example" }, challenged],
    [{ ...good, hostname: undefined }, challenged],
    [[], unavailable],
    [null, unavailable],
    ["yes", unavailable],
    [new Response("<html>", { status: 502 }), unavailable],
    [Response.json(good, { status: 500 }), unavailable],
    [new TypeError(`could not reach https://x.example/?key=${SECRET}`), unavailable],
  ];
  const enterprise: typeof siteverify = [
    [assessed({ valid: false, invalidReason: "DUPE" }), challenged],
    [assessed({ valid: undefined }), challenged],
    [assessed({ action: "login" }), challenged],
    [assessed({ hostname: "evil.example" }), challenged],
    [assessed({}, { score: undefined }), unavailable],
    [Response.json({ error: { code: 403, status: "PERMISSION_DENIED" } }, { status: 403 }), unavailable],
  ];
  const rows: readonly (readonly [name: keyof typeof PROVIDERS, answer: unknown, code: string])[] = [
    ...(["turnstile", "hcaptcha", "recaptcha"] as const).flatMap((name) =>
      siteverify.map((row) => [name, ...row] as const)
    ),
    ...enterprise.map((row) => ["enterprise", ...row] as const),
    ["turnstile", { ...good, action: "login" }, challenged],
    ["turnstile", { ...good, action: undefined }, challenged],
    ["recaptcha", { ...good, score: 0.9, action: "login" }, challenged],
    ["recaptcha", good, challenged],
    ["hcaptcha", { success: false, "error-codes": ["invalid-or-already-seen-response"] }, challenged],
    ["hcaptcha", { success: false, "error-codes": ["sitekey-secret-mismatch"] }, unavailable],
  ];
  for (const [name, answer, code] of rows) {
    const spelled = answer instanceof Response
      ? `${answer.status}`
      : answer instanceof Error
      ? "a failure"
      : JSON.stringify(answer);
    test(`${name}: ${spelled} is ${code}, or null`, async () => {
      answering(answer);
      await assert.rejects(PROVIDERS[name]().verify("token", CALL), (error: Refusal) => {
        assert.equal(error.code, code);
        const cause = error.cause as Error;
        assert.match(cause.message, new RegExp(`service ${PROVIDERS[name]().name} gave no verdict`));
        assert.ok(
          !`${error.message}${cause.message}${(cause.cause as Error).message}`.includes(SECRET),
          "a secret is told",
        );
        return true;
      });
      assert.equal(await PROVIDERS[name]({ onFailure: "null" }).verify("token", CALL), null);
    });
  }
  test("is asked for where the token has no usable length", async () => {
    const asked = answering(good);
    for (const token of ["", "x".repeat(12_001)]) {
      await assert.rejects(PROVIDERS.turnstile().verify(token, CALL), (error: Refusal) => error.code === challenged);
    }
    assert.equal(asked.length, 0);
  });
});

describe("how a service is asked", () => {
  const clientIp = (): string => "192.0.2.1";
  const form = (text: string) => Object.fromEntries(new URLSearchParams(text));
  test("turnstile: JSON, and again under the same idempotency key", async () => {
    const asked = answering(new TypeError("reset"), { success: false, "error-codes": ["internal-error"] }, good);
    assert.equal((await PROVIDERS.turnstile({ clientIp }).verify("token", CALL))?.score, 1);
    const bodies = asked.map(({ text }) => JSON.parse(text) as Record<string, string>);
    assert.equal(bodies.length, 3);
    assert.match(bodies[0]!["idempotency_key"]!, /^[0-9a-f-]{36}$/);
    assert.deepEqual(bodies[0], {
      secret: SECRET,
      response: "token",
      remoteip: "192.0.2.1",
      idempotency_key: bodies[0]!["idempotency_key"],
    });
    assert.deepEqual([bodies[1], bodies[2]], [bodies[0], bodies[0]]);
    assert.equal(asked[0]!.url, "https://challenges.cloudflare.com/turnstile/v0/siteverify");
    assert.deepEqual(asked[0]!.init.headers, { "content-type": "application/json" });
    await PROVIDERS.turnstile().verify("other", CALL);
    assert.notEqual(JSON.parse(asked[3]!.text).idempotency_key, bodies[0]!["idempotency_key"]);
  });
  test("turnstile: three times at most, and once where it has answered", async () => {
    const failing = answering(new TypeError("reset"));
    await assert.rejects(PROVIDERS.turnstile().verify("token", CALL));
    assert.equal(failing.length, 3);
    const refusing = answering({ success: false, "error-codes": ["timeout-or-duplicate"] });
    await assert.rejects(PROVIDERS.turnstile().verify("token", CALL));
    assert.equal(refusing.length, 1);
  });
  for (const name of ["hcaptcha", "recaptcha", "enterprise"] as const) {
    test(`${name}: once, for a second answer would call the token used`, async () => {
      const asked = answering(new TypeError("reset"));
      await assert.rejects(PROVIDERS[name]().verify("token", CALL));
      assert.equal(asked.length, 1);
    });
  }
  test("hcaptcha and recaptcha: forms", async () => {
    const asked = answering({ ...good, score: 0.1 });
    await PROVIDERS.hcaptcha({ clientIp }).verify("token", CALL);
    await PROVIDERS.recaptcha().verify("token", CALL);
    assert.deepEqual(asked.map(({ url }) => url), [
      "https://api.hcaptcha.com/siteverify",
      "https://www.google.com/recaptcha/api/siteverify",
    ]);
    assert.deepEqual(form(asked[0]!.text), {
      secret: SECRET,
      sitekey: "site",
      response: "token",
      remoteip: "192.0.2.1",
    });
    assert.deepEqual(form(asked[1]!.text), { secret: SECRET, response: "token" });
    assert.ok(asked[0]!.init.body instanceof URLSearchParams);
  });
  test("enterprise: an assessment with what is known of the caller", async () => {
    const asked = answering(assessed());
    await PROVIDERS.enterprise({ clientIp }).verify("token", CALL);
    assert.equal(
      asked[0]!.url,
      `https://recaptchaenterprise.googleapis.com/v1/projects/proj/assessments?key=${SECRET}`,
    );
    assert.deepEqual(JSON.parse(asked[0]!.text), {
      event: {
        token: "token",
        siteKey: "site",
        expectedAction: "chat",
        userIpAddress: "192.0.2.1",
        userAgent: "Firefox",
        ja4: "t13d",
      },
    });
  });
  test("within its time", async () => {
    globalThis.fetch =
      ((_: string, { signal }: RequestInit) =>
        new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason)))) as typeof fetch;
    const alive = setTimeout(() => {}, 5_000);
    const began = Date.now();
    await assert.rejects(
      PROVIDERS.hcaptcha({ timeoutMs: 30 }).verify("token", CALL),
      (error: Refusal) => error.code === unavailable,
    );
    clearTimeout(alive);
    assert.ok(Date.now() - began < 2_000);
  });
});
