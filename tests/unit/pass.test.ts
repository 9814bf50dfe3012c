import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CompactEncrypt, decodeProtectedHeader } from "jose";
import type { Signals } from "../../src/trust.ts";
import { ask, callOf, K1, K2, LIVE, open, refused, solve, VERDICT, vouching } from "./pass_port.ts";

describe("a pass", () => {
  test("is encrypted, typed, and says when it ends", async () => {
    const { port } = open();
    const { pass, expiresAt, expiresInSeconds } = await ask(port);
    assert.deepEqual(decodeProtectedHeader(pass), {
      alg: "dir",
      enc: "A256GCM",
      typ: "edgestamp-pass+jwt",
      kid: "one",
    });
    assert.equal(expiresAt, new Date(1_300_000).toISOString());
    assert.equal(expiresInSeconds, 300);
    assert.ok(!atob(pass.split(".")[3]!.replaceAll("-", "+").replaceAll("_", "/")).includes("country"));
    assert.ok(pass.length < 500, `${pass.length} characters`);
  });
  test("cannot be longer than a header may be", async () => {
    await assert.rejects(ask(open().port, { signals: { big: "x".repeat(4_000) } }), refused("edge_internal"));
  });
  test("of an older key is read until the key is taken out", async () => {
    const { pass } = await ask(open().port);
    const call = callOf({ caller: "server" });
    assert.deepEqual((await open({ key: { keys: [K2, K1] } }).port.resolve(pass, call)).signals, LIVE);
    await assert.rejects(open({ key: K2 }).port.resolve(pass, call), refused("edge_pass_stale"));
  });
});

describe("a server's call", () => {
  test("with a pass has the browser's signals, and never reads its own", async () => {
    const { port } = open();
    const { pass } = await ask(port);
    const call = { ...callOf({ caller: "server" }), signals: () => assert.fail("the server's signals were read") };
    assert.deepEqual(await port.resolve(pass, call), { signals: LIVE, via: "pass" });
  });
  test("with a pass of a solved captcha has its verdict too", async () => {
    const { port } = open({ verdict: vouching });
    const { pass } = await solve(port);
    const { signals } = await port.resolve(pass, callOf({ caller: "server" }));
    assert.deepEqual(signals, { ...LIVE, verdict: VERDICT });
  });
  test("without one goes by the policy", async () => {
    const call = callOf({ caller: "server" });
    assert.deepEqual(await open().port.resolve(null, call), { signals: LIVE, via: "server" });
    assert.deepEqual(await open({ serverCalls: "null" }).port.resolve(null, call), { signals: null, via: "server" });
    await assert.rejects(
      open({ serverCalls: "require-pass" }).port.resolve(null, call),
      refused("edge_pass_stale", /needs one/),
    );
    await assert.rejects(open({ serverCalls: "require-pass" }).port.resolve("", call), refused("edge_pass_stale"));
  });
  test("is not held to what the pass is bound to: its caller is another", async () => {
    const { port } = open();
    const { pass } = await ask(port);
    assert.equal((await port.resolve(pass, callOf({ caller: "server", signals: { country: "US" } }))).via, "pass");
  });
});

describe("a public token's call", () => {
  const changes: readonly Signals[] = [
    { ...LIVE, ja4: "another", botScore: 1 },
    { ...LIVE, asn: 64501, ip: "2001:db8::1" },
  ];
  test("has its live signals, whatever the pass says", async () => {
    const { port } = open({ verdict: vouching });
    const { pass } = await solve(port, { signals: { ...LIVE, botScore: 99, verified: true } });
    for (const signals of [LIVE, ...changes]) {
      assert.deepEqual(await port.resolve(pass, callOf({ signals })), {
        signals: { ...signals, verdict: VERDICT },
        via: "direct",
      });
    }
  });
  test("without a captcha gains nothing by a pass", async () => {
    const { port } = open();
    const { pass } = await ask(port, { signals: { ...LIVE, botScore: 99 } });
    assert.deepEqual(await port.resolve(pass, callOf()), { signals: LIVE, via: "direct" });
  });
  test("keeps a verdict of its own", async () => {
    const { port } = open({ verdict: vouching });
    const { pass } = await solve(port);
    const signals = { ...LIVE, verdict: { provider: "mine", score: 0 } };
    assert.deepEqual((await port.resolve(pass, callOf({ signals }))).signals, signals);
  });
  test("has the verdict alone where the live signals could not be read", async () => {
    const { port } = open({ verdict: vouching, bind: [] });
    const { pass } = await solve(port);
    assert.deepEqual((await port.resolve(pass, callOf({ signals: null }))).signals, { verdict: VERDICT });
    assert.equal((await port.resolve((await ask(port)).pass, callOf({ signals: null }))).signals, null);
  });
  test("needs no pass, whatever servers need", async () => {
    assert.deepEqual(await open({ serverCalls: "require-pass" }).port.resolve(null, callOf()), {
      signals: LIVE,
      via: "direct",
    });
  });
  test("is held to the bound fields", async () => {
    const { port } = open();
    const { pass } = await ask(port);
    await assert.rejects(
      port.resolve(pass, callOf({ signals: { ...LIVE, country: "US" } })),
      refused("edge_pass_stale", /country/),
    );
    const strict = open({ bind: ["asn", "country"] }).port;
    const { pass: bound } = await ask(strict);
    await assert.rejects(
      strict.resolve(bound, callOf({ signals: { ...LIVE, asn: 1 } })),
      refused("edge_pass_stale", /asn/),
    );
    await assert.rejects(strict.resolve(bound, callOf({ signals: null })), refused("edge_pass_stale", /asn/));
  });
});

describe("edge_pass_stale", () => {
  for (const caller of ["public", "server"] as const) {
    test(`is what a ${caller} call gets for a pass that is not good`, async () => {
      const { port, clock } = open();
      const { pass } = await ask(port);
      const call = callOf({ caller });
      const garbled = [pass.slice(0, -2), `${pass}, ${pass}`, "x", "a.b.c.d.e", "\u{1f600}", "x".repeat(9_000)];
      for (const one of garbled) {
        await assert.rejects(port.resolve(one, call), refused("edge_pass_stale", /none of this proxy/));
      }
      await assert.rejects(port.resolve(pass, { ...call, chat: "chat-2" }), refused("edge_pass_stale", /another chat/));
      await assert.rejects(
        port.resolve(pass, { ...call, chat: undefined }),
        refused("edge_pass_stale", /another chat/),
      );
      clock.seconds = 1_299;
      assert.deepEqual((await port.resolve(pass, call)).signals, LIVE);
      clock.seconds = 1_300;
      await assert.rejects(port.resolve(pass, call), refused("edge_pass_stale", /over/));
    });
  }
  const claims = { sub: "chat-1", iat: 1_000, exp: 9_999_999_999, signals: { botScore: 99 } };
  const forgeries: readonly [what: string, header: Record<string, string>, value: unknown][] = [
    ["a seal's type", { alg: "dir", enc: "A256GCM", typ: "edgestamp+jwt", kid: "one" }, claims],
    ["no type", { alg: "dir", enc: "A256GCM", kid: "one" }, claims],
    ["no key id", { alg: "dir", enc: "A256GCM", typ: "edgestamp-pass+jwt" }, claims],
    ["another shape", { alg: "dir", enc: "A256GCM", typ: "edgestamp-pass+jwt", kid: "one" }, {
      ...claims,
      signals: "x",
    }],
    ["no end", { alg: "dir", enc: "A256GCM", typ: "edgestamp-pass+jwt", kid: "one" }, { ...claims, exp: undefined }],
  ];
  for (const [what, header, value] of forgeries) {
    test(`is what a token of the same key gets that has ${what}`, async () => {
      const raw = Uint8Array.from(
        atob(K1.k.replaceAll("-", "+").replaceAll("_", "/") + "="),
        (char) => char.charCodeAt(0),
      );
      const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
      const text = new TextEncoder().encode(JSON.stringify(value));
      const token = await new CompactEncrypt(text).setProtectedHeader(header as { alg: string; enc: string }).encrypt(
        key,
      );
      await assert.rejects(open().port.resolve(token, callOf({ caller: "server" })), refused("edge_pass_stale"));
    });
  }
});

describe("a captcha solved once", () => {
  test("serves until the verdict ends, from pass to pass, over their ends", async () => {
    const { port, clock } = open({ verdict: vouching, verdictTtlSeconds: 3_600 });
    let { pass } = await solve(port);
    for (clock.seconds = 1_200; clock.seconds < 4_600; clock.seconds += 700) {
      ({ pass } = await ask(port, { last: pass }));
      assert.deepEqual((await port.resolve(pass, callOf())).signals, { ...LIVE, verdict: VERDICT });
    }
    clock.seconds = 4_600;
    assert.deepEqual((await port.resolve((await ask(port, { last: pass })).pass, callOf())).signals, LIVE);
  });
  test("ends inside a pass, too", async () => {
    const { port, clock } = open({ verdict: vouching, verdictTtlSeconds: 60 });
    const { pass } = await solve(port);
    clock.seconds = 1_060;
    assert.deepEqual((await port.resolve(pass, callOf())).signals, LIVE);
  });
  test("is inherited by the same chat and the same bound fields only", async () => {
    const { port } = open({ verdict: vouching });
    const { pass } = await solve(port);
    const other = await ask(port, { last: pass, body: { session: "chat-2" } });
    assert.deepEqual((await port.resolve(other.pass, callOf({ chat: "chat-2" }))).signals, LIVE);
    const abroad = { ...LIVE, country: "US" };
    const moved = await ask(port, { last: pass, signals: abroad });
    assert.deepEqual((await port.resolve(moved.pass, callOf({ signals: abroad }))).signals, abroad);
    for (const last of ["", "garbled", `${pass}x`]) {
      assert.deepEqual((await port.resolve((await ask(port, { last })).pass, callOf())).signals, LIVE);
    }
  });
  test("is asked about where a token is sent, also beside an old pass", async () => {
    const { port } = open({ verdict: vouching });
    const { pass } = await solve(port);
    const next = await ask(port, { last: pass, body: { session: "chat-1", captchaToken: "used" } });
    assert.deepEqual((await port.resolve(next.pass, callOf())).signals, LIVE);
  });
  test("cannot be shown to a proxy that asks nobody", () =>
    assert.rejects(solve(open().port), refused("edge_not_enabled", /captchaToken/)));
});

test("via says whose the signals are", async () => {
  const { port } = open({ via: true });
  const { pass } = await ask(port, { signals: { ...LIVE, via: "forged" } });
  assert.deepEqual((await port.resolve(pass, callOf())).signals, { ...LIVE, via: "direct" });
  assert.deepEqual((await port.resolve(pass, callOf({ caller: "server" }))).signals, { ...LIVE, via: "pass" });
  assert.deepEqual((await port.resolve(null, callOf({ caller: "server" }))).signals, { ...LIVE, via: "server" });
  assert.equal(
    (await open({ via: true, serverCalls: "null" }).port.resolve(null, callOf({ caller: "server" }))).signals,
    null,
  );
});
