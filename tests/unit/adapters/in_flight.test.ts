/** How many requests a server takes on. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { counter, gated } from "../../../adapters/_in_flight.ts";
import type { Platform } from "../../../mod.ts";

/** Asks a proxy that may have `max` under way while there are `underWay`; tells whether it was refused. */
function isRefused(max: number | undefined, underWay: number, method: string): boolean {
  let seen: Platform | undefined;
  const proxy = {
    fetch(_: Request, platform?: Platform): Promise<Response> {
      seen = platform;
      return Promise.resolve(new Response());
    },
  };
  const info = {};
  void gated(proxy, max, () => underWay).fetch(new Request("http://proxy.test/", { method }), { info });
  assert.equal(seen!.info, info);
  return seen!.overloaded === true;
}

describe("a limit of requests under way", () => {
  test("holds for messages", () => {
    assert.equal(isRefused(16, 16, "POST"), false);
    assert.equal(isRefused(16, 17, "POST"), true);
  });
  test("holds for reads one eighth earlier, so that streams keep no message out", () => {
    for (const method of ["GET", "HEAD"]) {
      assert.equal(isRefused(16, 14, method), false);
      assert.equal(isRefused(16, 15, method), true);
    }
  });
  test("keeps nothing of a few", () => {
    assert.equal(isRefused(1, 1, "GET"), false);
    assert.equal(isRefused(7, 7, "GET"), false);
    assert.equal(isRefused(7, 8, "GET"), true);
  });
  test("without one, nothing is counted", () => {
    const proxy = { fetch: (): Promise<Response> => Promise.resolve(new Response()) };
    assert.equal(gated(proxy, undefined, () => assert.fail("counted")), proxy);
  });
  test("is a whole number above 0", () => {
    const proxy = { fetch: (): Promise<Response> => Promise.resolve(new Response()) };
    for (const max of [0, -1, 1.5, NaN, Infinity]) assert.throws(() => gated(proxy, max, () => 0), /maxInFlight/);
  });
});

test("a counter counts down when it is told", () => {
  const ends: (() => void)[] = [];
  const underWay = counter((_request, _platform, end) => ends.push(end));
  const request = new Request("http://proxy.test/");
  assert.deepEqual([underWay(request, {}), underWay(request, {}), underWay(request, {})], [1, 2, 3]);
  ends[0]!();
  ends[2]!();
  assert.equal(underWay(request, {}), 2);
});
