import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Refusal } from "../../src/errors.ts";
import { makeStamp } from "../../src/stamp.ts";
import { combine, readSignals, type Signals, toReader, type TrustProvider } from "../../src/trust.ts";

const REQUEST = new Request("http://p.example/");
const read = (provider: TrustProvider, timeoutMs = 1_000): Promise<Signals | null> =>
  readSignals(toReader(provider), REQUEST, undefined, timeoutMs);
const unavailable = (error: Refusal): boolean =>
  error.code === "edge_trust_unavailable" && !error.message.includes("secret");

describe("readSignals()", () => {
  test("takes a function, an object, now or later", async () => {
    assert.deepEqual(await read(() => ({ a: 1 })), { a: 1 });
    assert.deepEqual(await read({ name: "x", read: () => Promise.resolve({ a: 1 }) }), { a: 1 });
  });
  test("nothing to say is null", async () => {
    assert.equal(await read(() => null), null);
    assert.equal(await read(() => undefined as unknown as null), null);
  });
  test("keeps the provider's `this`", async () => {
    class Counter {
      readonly name = "counter";
      #count = 0;
      read(): Signals {
        return { count: ++this.#count };
      }
    }
    assert.deepEqual(await read(new Counter()), { count: 1 });
  });
  for (
    const [what, value] of Object.entries({
      "a list": [],
      "a string": "x",
      "a number": 1,
      "a date": new Date(),
      "a map": new Map(),
    })
  ) {
    test(`refuses ${what}`, () => assert.rejects(read(() => value as unknown as Signals), unavailable));
  }
  test("a function that makes a provider is none", async () => {
    const uncalled = (() => ({ name: "socket", read: () => null })) as unknown as () => Signals;
    await assert.rejects(read(uncalled), (error: Refusal) => /call it/.test((error.cause as Error).message));
  });
  test("tells nobody why a provider failed", async () => {
    await assert.rejects(
      read(() => {
        throw new Error("secret");
      }),
      unavailable,
    );
    await assert.rejects(read(() => Promise.reject(new Error("secret"))), unavailable);
  });
  test("does not wait for ever", () => assert.rejects(read(() => new Promise<Signals>(() => {}), 20), unavailable));
  test("what is no provider is told at the start", () => {
    for (const bad of [undefined, null, {}, "cloudflare"]) {
      assert.throws(() => toReader(bad as unknown as TrustProvider), TypeError);
    }
  });
});

describe("combine()", () => {
  test("merges, later over earlier", async () => {
    const both = combine(() => ({ a: 1, b: 1 }), { name: "x", consumes: ["X-Secret"], read: () => ({ b: 2 }) });
    assert.deepEqual(await read(both), { a: 1, b: 2 });
    assert.deepEqual([...toReader(both).consumes], ["x-secret"]);
  });
  test("null adds nothing, and is the answer where nobody says more", async () => {
    assert.deepEqual(await read(combine(() => null, () => ({ a: 1 }))), { a: 1 });
    assert.equal(await read(combine(() => null, () => null)), null);
  });
  test("cannot be made to change what an object inherits", async () => {
    const merged = await read(combine(() => JSON.parse('{"__proto__":{"admin":true}}') as Signals));
    assert.equal((merged as { admin?: unknown }).admin, undefined);
  });
  test("reads side by side", async () => {
    const order: string[] = [];
    const slow = (name: string, ms: number) => async (): Promise<Signals> => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, ms));
      order.push(`${name} ends`);
      return { [name]: true };
    };
    assert.deepEqual(await read(combine(slow("one", 20), slow("two", 5))), { one: true, two: true });
    assert.deepEqual(order, ["one begins", "two begins", "two ends", "one ends"]);
  });

  const never = (): Promise<Signals> => new Promise(() => {});
  const good = (): Signals => ({ a: 1 });
  const failures: readonly [what: string, provider: TrustProvider, cause: RegExp][] = [
    ["throws", {
      name: "lookup",
      read: () => {
        throw new Error("secret");
      },
    }, /secret/],
    ["rejects", { name: "lookup", read: () => Promise.reject(new Error("secret")) }, /secret/],
    ["is late by its own time", { name: "lookup", timeoutMs: 10, read: never }, /within 10 ms/],
    ["is late by the time of all", { name: "lookup", read: never }, /within 30 ms/],
    ["gives no signals", { name: "lookup", read: () => [] as unknown as Signals }, /plain object/],
  ];
  for (const [what, provider, cause] of failures) {
    test(`names the one that ${what}, to the proxy's own side only`, async () => {
      await assert.rejects(read(combine(good, provider, good), 30), (error: Refusal) => {
        assert.equal(error.code, "edge_trust_unavailable");
        assert.doesNotMatch(error.message, /lookup|secret/);
        const named = error.cause as Error;
        assert.equal(named.message, "the trust provider lookup failed");
        assert.match((named.cause as Error).message, cause);
        return true;
      });
    });
  }
  test("tells each how long it has", async () => {
    const told = (_: unknown, __: unknown, timeoutMs?: number): Signals => ({ timeoutMs: timeoutMs! });
    assert.deepEqual(await read(told, 40), { timeoutMs: 40 });
    assert.deepEqual(await read({ name: "x", timeoutMs: 70, read: told }, 40), { timeoutMs: 70 });
    assert.deepEqual(await read(combine(told, { name: "x", read: () => null }), 40), { timeoutMs: 40 });
    assert.deepEqual(await read(combine({ name: "x", timeoutMs: 70, read: told }), 40), { timeoutMs: 70 });
  });
  test("may be combined again", async () => {
    await assert.rejects(read(combine(good, combine(good, { name: "inner", read: never })), 20), (error: Refusal) => {
      const outer = error.cause as Error;
      assert.match(outer.message, /\binner\b/);
      assert.equal((outer.cause as Error).message, "the trust provider inner failed");
      return true;
    });
  });
  test("a provider's own time may be longer than that of all", async () => {
    const slow = async (): Promise<Signals> => {
      await new Promise((resolve) => setTimeout(resolve, 40));
      return { slow: true };
    };
    assert.deepEqual(await read({ name: "x", timeoutMs: 1_000, read: slow }, 10), { slow: true });
    assert.throws(() => combine({ name: "x", timeoutMs: Number.NaN, read: slow }), /timeoutMs/);
  });
});

describe("makeStamp()", () => {
  const stamp = (signals: Signals | null): Promise<string> => makeStamp(signals, undefined, () => assert.fail());
  test("is ASCII, and reads as the signals", async () => {
    const json = await stamp({ city: "São Paulo 😀", ja4: null });
    assert.match(json, /^[\0-\x7f]*$/);
    assert.deepEqual(JSON.parse(json), { city: "São Paulo 😀", ja4: null });
  });
  test("is null where there are no signals", async () => assert.equal(await stamp(null), "null"));
  test("what JSON cannot carry is a failure of the provider", async () => {
    await assert.rejects(stamp({ big: 1n as unknown as number }), unavailable);
  });
});
