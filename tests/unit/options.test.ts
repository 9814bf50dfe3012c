import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compile } from "../../src/compile.ts";
import type { Options } from "../../src/options.ts";

const BAD: readonly [options: unknown, line: RegExp][] = [
  [{ upstream: "api.trigger.dev" }, /^Cannot use option `upstream`: give an absolute http or https URL/],
  [{ upstream: "ftp://api.trigger.dev" }, /`upstream`/],
  [{ upstream: "https://user:secret@api.trigger.dev" }, /`upstream`/],
  [{ upstream: "https://api.trigger.dev/?a=1" }, /`upstream`/],
  [{ upstream: "https://api.trigger.dev/#a" }, /`upstream`/],
  [{ namespace: "" }, /`namespace`/],
  [{ namespace: "__proto__" }, /`namespace`/],
  [{ namespace: "a b" }, /`namespace`/],
  [{ namespace: "x".repeat(65) }, /`namespace`/],
  [{ namspace: "__cf" }, /^Cannot use option `namspace`: there is no such option$/],
  [{ basePath: "api" }, /`basePath`/],
  [{ basePath: "/api/%2e" }, /`basePath`/],
  [{ guard: "strict" }, /`guard`: give "standard", "chat" or "off"/],
  [{ onTrustError: "ignore" }, /`onTrustError`/],
  [{ trustTimeoutMs: 0 }, /`trustTimeoutMs`/],
  [{ cors: { origins: ["example.com"] } }, /`cors\.origins\.0`/],
  [{ cors: { origins: ["https://example.com/"] } }, /`cors\.origins\.0`/],
  [{ cors: { origins: ["https://a.*.com"] } }, /`cors\.origins\.0`/],
  [{ cors: { origins: ["null"] } }, /`cors\.origins\.0`/],
  [{ cors: { origins: "https://example.com" } }, /`cors\.origins`/],
  [{ cors: { origins: "*", credentials: true } }, /`cors\.credentials`/],
  [{ limits: { appendBodyBytes: 1.5 } }, /`limits\.appendBodyBytes`/],
  [{ limits: { apendBodyBytes: 1 } }, /`limits\.apendBodyBytes`/],
  [{ seal: "signed" }, /`seal`/],
  [{ admit: {} }, /`admit`/],
];

describe("compile()", () => {
  for (const [options, line] of BAD) {
    test(`tells in one line: ${JSON.stringify(options)}`, () => {
      assert.throws(() => compile(options as Options), (error: Error) => {
        assert.match(error.message, line);
        assert.equal(error.message.includes("\n"), false);
        assert.equal(error.message.includes("secret"), false);
        return error instanceof TypeError;
      });
    });
  }
  test("has a default for everything", () => {
    const { origin, prefix, namespace, guard, cors } = compile({});
    assert.deepEqual({ origin, prefix, namespace, guard, cors }, {
      origin: "https://api.trigger.dev",
      prefix: "",
      namespace: "__edge",
      guard: "standard",
      cors: undefined,
    });
  });
  test("keeps an upstream's path prefix", () => {
    const { origin, prefix } = compile({ upstream: new URL("https://proxy.example/trigger/") });
    assert.deepEqual([origin, prefix], ["https://proxy.example", "/trigger"]);
  });
});
