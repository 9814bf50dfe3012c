import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import type { VerdictProvider } from "../../src/verdicts.ts";
import { answering, AT, at, CALL, PROVIDERS, restoreFetch } from "./captcha_services.ts";

afterEach(restoreFetch);

describe("published test keys", () => {
  const rows: readonly (readonly [what: string, make: (allowTestKeys?: boolean) => VerdictProvider])[] = [
    ...["1x", "2x", "3x"].map((begin) =>
      [
        `turnstile ${begin}`,
        (allowTestKeys?: boolean) =>
          PROVIDERS.turnstile({ secret: `${begin}0000000000000000000000000000000AA`, allowTestKeys }),
      ] as const
    ),
    [
      "recaptcha v2",
      (allowTestKeys) => PROVIDERS.recaptcha({ secret: "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe", allowTestKeys }),
    ],
    ["hcaptcha's secret", (allowTestKeys) => PROVIDERS.hcaptcha({ secret: `0x${"0".repeat(40)}`, allowTestKeys })],
    [
      "hcaptcha's site key",
      (allowTestKeys) => PROVIDERS.hcaptcha({ siteKey: "20000000-ffff-ffff-ffff-000000000002", allowTestKeys }),
    ],
  ];
  for (const [what, make] of rows) {
    test(`are refused, unless asked for: ${what}`, () => {
      assert.throws(() => make(), /published test key/);
      assert.throws(() => make(false), /published test key/);
      assert.equal(typeof make(true).verify, "function");
    });
  }
  test("make up hostname and action", async () => {
    answering({ success: true, hostname: "localhost", action: "test", challenge_ts: AT });
    const verdict = await PROVIDERS.turnstile({ secret: "1x0000000000000000000000000000000AA", allowTestKeys: true })
      .verify("token", CALL);
    assert.deepEqual(verdict, { provider: "turnstile", score: 1, raw: null, at });
  });
});

describe("options", () => {
  const bad: readonly [() => unknown, RegExp][] = [
    [() => PROVIDERS.turnstile({ secret: "" }), /`secret` of turnstile/],
    [() => PROVIDERS.turnstile({ secret: undefined }), /`secret` of turnstile/],
    [() => PROVIDERS.hcaptcha({ siteKey: " x" }), /`siteKey` of hcaptcha/],
    [() => PROVIDERS.turnstile({ hostnames: [] }), /`hostnames` of turnstile/],
    [() => PROVIDERS.turnstile({ hostnames: ["https://app.example.com"] }), /`hostnames` of turnstile/],
    [() => PROVIDERS.recaptcha({ action: "" }), /`action` of recaptcha/],
    [() => PROVIDERS.recaptcha({ action: undefined }), /`action` of recaptcha/],
    [() => PROVIDERS.enterprise({ apiKey: "" }), /`apiKey` of recaptcha/],
    [() => PROVIDERS.turnstile({ timeoutMs: 0 }), /`timeoutMs` of turnstile/],
    [() => PROVIDERS.turnstile({ onFailure: "admit" }), /`onFailure` of turnstile/],
  ];
  for (const [make, message] of bad) {
    test(`are refused: ${message}`, () => assert.throws(make, { name: "TypeError", message }));
  }
});
