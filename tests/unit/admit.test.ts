import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Admit,
  type AdmitCall,
  type AdmitVerdict,
  all,
  allowCountries,
  challengeBelow,
  cloudflareLimiter,
  flexibleLimiter,
  type Limiter,
  memoryLimiter,
  minimumBotScore,
  rateLimit,
  type RateLimitOptions,
} from "../../src/admit.ts";
import type { Refusal } from "../../src/errors.ts";
import type { Signals } from "../../src/trust.ts";

const CALL: AdmitCall = {
  use: "append",
  caller: "public",
  via: "direct",
  chat: "chat-1",
  request: new Request("https://p.example/"),
  platform: undefined,
};
const ADMIT: AdmitVerdict = { admit: true };
const FORBID: AdmitVerdict = { admit: false, reason: "forbidden" };
const SHOW = { siteKey: "0x4" };
const CHALLENGE: AdmitVerdict = { admit: false, reason: "challenge", challenge: SHOW };
const server: Partial<AdmitCall> = { caller: "server", via: "server" };
const passed: Partial<AdmitCall> = { caller: "server", via: "pass" };
const vouched = (score: unknown): Signals => ({
  botScore: 3,
  verdict: { provider: "x", score: score as number, at: 1 },
});

describe("policies by signals", () => {
  const rows: readonly (readonly [what: string, Admit, Signals | null, AdmitVerdict, Partial<AdmitCall>?])[] = [
    ["minimum: above", minimumBotScore(10), { botScore: 11 }, ADMIT],
    ["minimum: at", minimumBotScore(10), { botScore: 10 }, ADMIT],
    ["minimum: below", minimumBotScore(10), { botScore: 9 }, FORBID],
    ["minimum: of a pass", minimumBotScore(10), { botScore: 9 }, FORBID, passed],
    ["minimum: for a pass", minimumBotScore(10), { botScore: 9 }, FORBID, { use: "pass" }],
    ["minimum: of the server itself", minimumBotScore(10), { botScore: 1 }, ADMIT, server],
    ["minimum: Cloudflare did not look", minimumBotScore(10), { botScore: 0 }, FORBID],
    ["minimum: unknown", minimumBotScore(10), { botScore: null }, FORBID],
    ["minimum: a text", minimumBotScore(10), { botScore: "99" }, FORBID],
    ["minimum: no signals", minimumBotScore(10), null, FORBID],
    ["minimum: unknown is admitted", minimumBotScore(10, { whenUnknown: "admit" }), { botScore: 0 }, ADMIT],
    ["minimum: known and low all the same", minimumBotScore(10, { whenUnknown: "admit" }), { botScore: 1 }, FORBID],
    [
      "minimum: read elsewhere",
      minimumBotScore(0.5, { read: ({ risk }) => 1 - (risk as number) }),
      { risk: 0.6 },
      FORBID,
    ],
    [
      "minimum: read elsewhere, a true 0",
      minimumBotScore(0, { read: ({ risk }) => risk as number }),
      { risk: 0 },
      ADMIT,
    ],
    ["minimum: on a scale of its own", minimumBotScore(300, { read: () => 850 }), {}, ADMIT],
    ["challenge: everybody", challengeBelow(100, { challenge: SHOW }), { botScore: 99 }, CHALLENGE],
    ["minimum: read as no number", minimumBotScore(0, { read: () => Number.NaN }), {}, FORBID],

    ["countries: in", allowCountries(["PT", "T1"]), { country: "PT" }, ADMIT],
    ["countries: in, small letters", allowCountries(["PT"]), { country: "pt" }, ADMIT],
    ["countries: Tor", allowCountries(["PT", "T1"]), { country: "T1" }, ADMIT],
    ["countries: out", allowCountries(["PT"]), { country: "US" }, FORBID],
    ["countries: unknown", allowCountries(["PT"]), { country: "" }, FORBID],
    ["countries: no signals", allowCountries(["PT"]), null, FORBID],
    ["countries: unknown is admitted", allowCountries(["PT"], { whenUnknown: "admit" }), {}, ADMIT],
    ["countries: another field", allowCountries(["PT"], { field: "geo" }), { geo: "PT" }, ADMIT],
    ["countries: of the server itself", allowCountries(["PT"]), { country: "US" }, ADMIT, server],

    ["challenge: above", challengeBelow(30, { challenge: SHOW }), { botScore: 30 }, ADMIT],
    ["challenge: below", challengeBelow(30, { challenge: SHOW }), { botScore: 29 }, CHALLENGE],
    ["challenge: of a pass", challengeBelow(30, { challenge: SHOW }), { botScore: 29 }, CHALLENGE, passed],
    ["challenge: a creation", challengeBelow(30, { challenge: SHOW }), { botScore: 29 }, CHALLENGE, { use: "create" }],
    ["challenge: never for the pass that answers it", challengeBelow(30, { challenge: SHOW }), { botScore: 1 }, ADMIT, {
      use: "pass",
    }],
    ["challenge: of the server itself", challengeBelow(30, { challenge: SHOW }), { botScore: 1 }, ADMIT, server],
    ["challenge: unknown", challengeBelow(30, { challenge: SHOW }), null, CHALLENGE],
    ["challenge: unknown is admitted", challengeBelow(30, { challenge: SHOW, whenUnknown: "admit" }), {}, ADMIT],
    ["challenge: solved", challengeBelow(30, { challenge: SHOW }), vouched(0.5), ADMIT],
    ["challenge: solved badly", challengeBelow(30, { challenge: SHOW }), vouched(0.4), CHALLENGE],
    ["challenge: solved well enough", challengeBelow(30, { challenge: SHOW, verdictScore: 0.4 }), vouched(0.4), ADMIT],
    ["challenge: no score", challengeBelow(30, { challenge: SHOW }), vouched("1"), CHALLENGE],
    [
      "challenge: a verdict that is none",
      challengeBelow(30, { challenge: SHOW }),
      { botScore: 1, verdict: null },
      CHALLENGE,
    ],
  ];
  for (const [what, policy, signals, verdict, call] of rows) {
    test(what, async () => assert.deepEqual(await policy(signals, { ...CALL, ...call }), verdict));
  }
});

test("all() asks in turn, and no further than the first that says no", async () => {
  const asked: string[] = [];
  const says = (name: string, verdict: AdmitVerdict): Admit => () => {
    asked.push(name);
    return verdict;
  };
  assert.deepEqual(await all(says("a", ADMIT), says("b", CHALLENGE), says("c", FORBID))({}, CALL), CHALLENGE);
  assert.deepEqual(asked, ["a", "b"]);
  assert.deepEqual(await all(says("a", ADMIT), all(says("b", ADMIT)))({}, CALL), ADMIT);
});

describe("rateLimit()", () => {
  /** A limiter that only writes down what it is asked. */
  function recorder() {
    const keys: string[] = [];
    const limiter: Limiter = {
      take(key) {
        keys.push(key);
        return { within: true };
      },
    };
    return { keys, limiter };
  }
  const keyFor = async (key: RateLimitOptions["key"], signals: Signals | null, call: Partial<AdmitCall> = {}) => {
    const { keys, limiter } = recorder();
    assert.deepEqual(await rateLimit({ key, limiter })(signals, { ...CALL, ...call }), ADMIT);
    return keys[0];
  };
  test("counts by signals and session", async () => {
    assert.equal(await keyFor("ja4", { ja4: "t13d" }), '[["ja4","t13d"]]');
    assert.equal(await keyFor(["session", "ip"], { ip: "192.0.2.1" }), '[["session","chat-1"],["ip","192.0.2.1"]]');
    assert.equal(await keyFor("ja4", {}), '[["ja4",null]]');
    assert.equal(await keyFor("ja4", null), '[["ja4",null]]');
    assert.equal(await keyFor((signals) => `${signals?.["asn"]}`, { asn: 1 }), "1");
    assert.equal(await keyFor("ja4", { ja4: "t13d" }, passed), '[["ja4","t13d"]]');
  });
  test("does not count what has no such key", async () => {
    assert.equal(await keyFor(() => undefined, {}), undefined);
    assert.equal(await keyFor("ja4", { ja4: "t13d" }, server), undefined);
    assert.equal(await keyFor("session", {}, { use: "pass", chat: undefined }), undefined);
    assert.equal(await keyFor("session", {}, server), '[["session","chat-1"]]');
  });
  test("no value can be spelled as two", async () => {
    const one = await keyFor(["session", "ip"], { ip: "c" }, { chat: 'a"],["ip","b' });
    const other = await keyFor(["session", "ip"], { ip: "c" }, { chat: "a" });
    assert.notEqual(one, other);
  });
  test("a long key is hashed", async () => {
    const long = await keyFor("session", {}, { chat: "x".repeat(5_000) });
    assert.match(long!, /^[0-9a-f]{64}$/);
    assert.notEqual(long, await keyFor("session", {}, { chat: "x".repeat(5_001) }));
  });
  test("counts the uses that it is told", async () => {
    const { keys, limiter } = recorder();
    const policy = rateLimit({ key: "ja4", limiter, uses: ["create"] });
    for (const use of ["create", "append", "pass"] as const) await policy({ ja4: use }, { ...CALL, use });
    assert.deepEqual(keys, ['[["ja4","create"]]']);
  });
  const failing: readonly (readonly [what: string, Limiter, RegExp])[] = [
    ["throws", {
      take: () => {
        throw new Error("redis://user:secret@host");
      },
    }, /secret/],
    ["rejects", { take: () => Promise.reject(new Error("gone")) }, /gone/],
    ["does not answer", { take: () => new Promise(() => {}) }, /within 20 ms/],
  ];
  for (const [what, limiter, cause] of failing) {
    test(`a limiter that ${what} is a 503, or no limit`, async () => {
      const options = { key: "ja4", limiter, timeoutMs: 20 };
      await assert.rejects(async () => rateLimit(options)({}, CALL), (error: Refusal) => {
        assert.equal(error.code, "edge_trust_unavailable");
        assert.doesNotMatch(error.message, /secret/);
        assert.match(((error.cause as Error).cause as Error).message, cause);
        return true;
      });
      assert.deepEqual(await rateLimit({ ...options, whenUnavailable: "admit" })({}, CALL), ADMIT);
    });
  }
});

describe("memoryLimiter()", () => {
  test("lets so many into a window, and says truly when the next begins", async () => {
    let time = 1_000_000;
    const policy = rateLimit({ key: "ja4", limiter: memoryLimiter({ limit: 2, windowSeconds: 10, now: () => time }) });
    const ask = (ja4 = "a") => policy({ ja4 }, CALL);
    assert.deepEqual([await ask(), await ask()], [ADMIT, ADMIT]);
    assert.deepEqual(await ask(), { admit: false, reason: "rate_limited", retryAfterSeconds: 10 });
    assert.deepEqual(await ask("b"), ADMIT);
    time += 8_500;
    assert.deepEqual(await ask(), { admit: false, reason: "rate_limited", retryAfterSeconds: 2 });
    time += 1_499;
    assert.deepEqual(await ask(), { admit: false, reason: "rate_limited", retryAfterSeconds: 1 });
    time += 1;
    assert.deepEqual([await ask(), await ask()], [ADMIT, ADMIT]);
    assert.equal((await ask()).admit, false);
  });
  test("remembers no more keys than it may", async () => {
    const limiter = memoryLimiter({ limit: 1, windowSeconds: 60, maxKeys: 3 });
    const take = async (key: string) => (await limiter.take(key, CALL)).within;
    for (const key of ["a", "b", "c"]) assert.equal(await take(key), true);
    assert.equal(await take("a"), false);
    assert.equal(await take("d"), true);
    assert.equal(await take("a"), true, "the oldest was forgotten");
    assert.equal(await take("c"), false);
  });
});

describe("cloudflareLimiter()", () => {
  const limiter = cloudflareLimiter({ binding: "CHAT", windowSeconds: 60 });
  const bound = (success: boolean, asked: unknown[] = []): AdmitCall => ({
    ...CALL,
    platform: { env: { CHAT: { limit: async (options: unknown) => (asked.push(options), { success }) } } },
  });
  test("asks the binding", async () => {
    const asked: unknown[] = [];
    assert.deepEqual(await limiter.take("key", bound(true, asked)), { within: true });
    assert.deepEqual(await limiter.take("key", bound(false, asked)), { within: false, retryAfterSeconds: 60 });
    assert.deepEqual(asked, [{ key: "key" }, { key: "key" }]);
  });
  test("says where there is no such binding", async () => {
    for (const platform of [undefined, {}, { env: {} }, { env: { CHAT: "x" } }]) {
      await assert.rejects(async () => limiter.take("key", { ...CALL, platform }), /bound as CHAT/);
    }
  });
});

describe("flexibleLimiter()", () => {
  test("reads what the library rejects with", async () => {
    const take = (consume: () => Promise<unknown>) => flexibleLimiter({ consume }).take("key", CALL);
    assert.deepEqual(await take(() => Promise.resolve({ remainingPoints: 1 })), { within: true });
    assert.deepEqual(await take(() => Promise.reject({ msBeforeNext: 1_001 })), {
      within: false,
      retryAfterSeconds: 2,
    });
    assert.deepEqual(await take(() => Promise.reject({ msBeforeNext: 0 })), { within: false, retryAfterSeconds: 1 });
    await assert.rejects(async () => take(() => Promise.reject(new Error("no Redis"))), /no Redis/);
    await assert.rejects(
      async () => take(() => Promise.reject(Object.assign(new Error("odd"), { msBeforeNext: 5 }))),
      /odd/,
    );
  });
});

describe("options", () => {
  const { limiter } = { limiter: memoryLimiter({ limit: 1, windowSeconds: 1 }) };
  const bad: readonly (readonly [() => unknown, RegExp])[] = [
    [() => minimumBotScore("10" as unknown as number), /minimumBotScore/],
    [() => minimumBotScore(Number.NaN), /minimumBotScore/],
    [() => minimumBotScore(300), /minimumBotScore\(\): give the score as a number from 1 to 99$/],
    [() => minimumBotScore(100), /from 1 to 99$/],
    [() => minimumBotScore(0.5), /from 1 to 99$/],
    [() => minimumBotScore(Infinity, { read: () => 1 }), /give the score as a number$/],
    [() => challengeBelow(101, { challenge: null }), /challengeBelow\(\): give the score as a number from 1 to 100$/],
    [() => challengeBelow(30, { challenge: null, verdictScore: 50 }), /give `verdictScore` as a number from 0 to 1$/],
    [() => minimumBotScore(1, { whenUnknown: "challenge" as "admit" }), /`whenUnknown`/],
    [() => allowCountries([]), /allowCountries/],
    [() => allowCountries(["Portugal"]), /allowCountries/],
    [() => allowCountries("PT" as unknown as string[]), /allowCountries/],
    [() => challengeBelow(30, { challenge: null, whenUnknown: "refuse" as "admit" }), /`whenUnknown`/],
    [() => challengeBelow(30, { challenge: null, verdictScore: "1" as unknown as number }), /challengeBelow/],
    [() => all(), /all\(\)/],
    [() => all(null as unknown as Admit), /all\(\)/],
    [() => memoryLimiter({ limit: 0, windowSeconds: 1 }), /`limit` of memoryLimiter/],
    [() => memoryLimiter({ limit: 1, windowSeconds: 0.5 }), /`windowSeconds` of memoryLimiter/],
    [() => cloudflareLimiter({ binding: "", windowSeconds: 10 }), /`binding` of cloudflareLimiter/],
    [() => cloudflareLimiter({ binding: "X", windowSeconds: 30 as 60 }), /`windowSeconds` of cloudflareLimiter/],
    [() => flexibleLimiter({} as { consume(): Promise<void> }), /flexibleLimiter/],
    [() => rateLimit({ key: [], limiter }), /`key` of rateLimit/],
    [() => rateLimit({ key: "", limiter }), /`key` of rateLimit/],
    [() => rateLimit({ key: "ja4", limiter: undefined as unknown as Limiter }), /`limiter` of rateLimit/],
    [() => rateLimit({ key: "ja4", limiter, timeoutMs: 0 }), /`timeoutMs` of rateLimit/],
    [() => rateLimit({ key: "ja4", limiter, whenUnavailable: "null" as "admit" }), /`whenUnavailable` of rateLimit/],
  ];
  for (const [make, message] of bad) {
    test(`are refused: ${message}`, () => assert.throws(make, { name: "TypeError", message }));
  }
});
