/** Whether a proxy is ready: asked upstream once for all who ask. */
import assert from "node:assert/strict";
import { afterEach, describe, test } from "node:test";
import { Refusal } from "../../mod.ts";
import { readiness } from "../../src/ready.ts";

const real = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = real;
});

/** Replaces what would ask the upstream; gives what was asked. */
function upstream(answer: (signal: AbortSignal) => Promise<Response>): { url: string; init: RequestInit }[] {
  const asked: { url: string; init: RequestInit }[] = [];
  globalThis.fetch = ((url: string, init: RequestInit) => {
    asked.push({ url, init });
    return answer(init.signal!);
  }) as typeof fetch;
  return asked;
}

const there = (status = 200) => () => Promise.resolve(new Response(null, { status }));
const away = () => Promise.reject(new TypeError("fetch failed: http://upstream.invalid/secret"));

async function reason(checked: Promise<void>): Promise<string> {
  const error = await checked.then(() => undefined, (error) => error);
  assert.ok(error instanceof Refusal && error.code === "edge_not_ready");
  assert.equal(error.headers["retry-after"], "5");
  return error.message.replace(/.*\((.*)\)$/, "$1");
}

describe("readiness", () => {
  test("asks for the upstream's own check, and sends nothing along", async () => {
    const asked = upstream(there());
    await readiness().check("http://upstream.invalid/prefix");
    assert.deepEqual(asked.map(({ url }) => url), ["http://upstream.invalid/prefix/healthcheck"]);
    const { method, redirect, headers, body } = asked[0]!.init;
    assert.deepEqual([method, redirect, headers, body], ["HEAD", "manual", undefined, undefined]);
  });
  test("any answer is one", async () => {
    for (const status of [200, 302, 401, 404, 500, 503]) {
      upstream(there(status));
      await readiness().check("http://upstream.invalid");
    }
  });
  test("without an answer it is not ready, and says no more", async () => {
    upstream(away);
    assert.equal(await reason(readiness().check("http://upstream.invalid")), "the upstream does not answer");
  });
  test("an answer may not take long", async () => {
    upstream((signal) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)))
    );
    const began = Date.now();
    const checked = readiness({ timeoutMs: 50 }).check("http://upstream.invalid");
    assert.equal(await reason(checked), "the upstream does not answer");
    assert.ok(Date.now() - began < 5_000);
  });
  test("all who ask wait for one answer, which holds for a time, and so does its lack", async () => {
    for (const answer of [there(), away]) {
      let now = 1_000;
      const asked = upstream(answer);
      const ready = readiness({ holdsMs: 100, now: () => now });
      const check = (): Promise<unknown> => ready.check("http://upstream.invalid").catch(() => {});
      await Promise.all(Array.from({ length: 500 }, check));
      now += 99;
      await check();
      assert.equal(asked.length, 1);
      now += 1;
      await Promise.all([check(), check()]);
      assert.equal(asked.length, 2);
    }
  });
  test("what is being stopped is not ready, and asks nobody", async () => {
    const asked = upstream(there());
    const ready = readiness();
    ready.stop();
    assert.equal(await reason(ready.check("http://upstream.invalid")), "it is being stopped");
    assert.equal(asked.length, 0);
  });
});
