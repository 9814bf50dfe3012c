import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { passes, type PassOptions } from "../../src/pass.ts";
import { type Ask, ask, callOf, K1, LIVE, open, refused, vouching } from "./pass_port.ts";

describe("a request for a pass", () => {
  const bad: readonly [what: string, ask: Ask, code: string][] = [
    ["no JSON", { body: "{" }, "edge_body_not_json"],
    ["a list", { body: [] }, "edge_body_not_json"],
    ["no session", { body: {} }, "edge_body_not_json"],
    ["an empty session", { body: { session: "" } }, "edge_body_not_json"],
    ["a session of no end", { body: { session: "x".repeat(257) } }, "edge_body_not_json"],
    ["a session that is no text", { body: { session: 1 } }, "edge_body_not_json"],
    ["a token that is no text", { body: { session: "a", captchaToken: {} } }, "edge_body_not_json"],
    ["text/plain", { type: "text/plain" }, "edge_body_not_json"],
    ["text that is called JSON further on", { type: "text/plain; application/json" }, "edge_body_not_json"],
    ["too much", { body: { session: "a", captchaToken: "x".repeat(16_384) } }, "edge_body_too_large"],
  ];
  for (const [what, request, code] of bad) {
    test(`with ${what} is refused`, () =>
      assert.rejects(ask(open({ verdict: vouching }).port, request), refused(code)));
  }
  test("may say its charset, and name any chat", async () => {
    const { port } = open();
    const { pass } = await ask(port, { type: "application/json; charset=utf-8", body: { session: "a/b ü" } });
    assert.deepEqual((await port.resolve(pass, callOf({ chat: "a/b ü" }))).signals, LIVE);
  });
});

describe("options", () => {
  const bad: readonly [Record<string, unknown>, RegExp][] = [
    [{ key: "" }, /`key`/],
    [{ key: { ...K1, k: "short" } }, /`key`.*short/],
    [{ key: { keys: [K1, K1] } }, /same `kid`/],
    [{ key: K1, ttlSeconds: 0 }, /`ttlSeconds`/],
    [{ key: K1, ttlSeconds: 1.5 }, /`ttlSeconds`/],
    [{ key: K1, verdictTtlSeconds: -1 }, /`verdictTtlSeconds`/],
    [{ key: K1, serverCalls: "none" }, /`serverCalls`/],
    [{ key: K1, bind: "country" }, /`bind`/],
  ];
  for (const [options, message] of bad) {
    test(`are refused: ${message}`, () =>
      assert.throws(() => passes(options as unknown as PassOptions), (error: TypeError) => {
        assert.ok(error instanceof TypeError);
        assert.match(error.message, message);
        assert.ok(!error.message.includes(K1.k) && !error.message.includes("\n"));
        return true;
      }));
  }
});
