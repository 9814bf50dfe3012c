import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { toServeOptions } from "../../../adapters/_bun_serve.ts";
import type { BunServer } from "../../../adapters/_types.ts";

describe("what Bun.serve is told", () => {
  /** Who is excepted from the idle timeout. */
  async function excepted(headers: Record<string, string>): Promise<[Request, number][]> {
    const told: [Request, number][] = [];
    const request = new Request("http://proxy.test/");
    const server = { timeout: (one: Request, seconds: number) => void told.push([one, seconds]) } as BunServer;
    const { fetch } = toServeOptions(() => Promise.resolve(new Response("", { headers })));
    await fetch(request, server);
    return told.map(([one, seconds]) => (assert.equal(one, request), [one, seconds]));
  }

  test("a connection may not be idle without end, and no longer than Bun can count", () => {
    const { idleTimeout } = toServeOptions(() => Promise.reject(new Error("not asked")));
    assert.ok(idleTimeout > 60 && idleTimeout <= 255);
  });
  test("a port is one server's", () => {
    assert.equal(toServeOptions(() => Promise.reject(new Error("not asked"))).reusePort, false);
  });
  test("an event stream may", async () => {
    for (const type of ["text/event-stream", "text/event-stream; charset=utf-8"]) {
      assert.deepEqual((await excepted({ "content-type": type })).map(([, seconds]) => seconds), [0]);
    }
  });
  test("no other answer may", async () => {
    for (const headers of [{}, { "content-type": "application/json" }]) {
      assert.deepEqual(await excepted(headers as Record<string, string>), []);
    }
  });
});
