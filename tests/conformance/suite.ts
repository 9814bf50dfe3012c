/**
 * Runs the one list of cases against the servers of one runtime.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { after, before, beforeEach, describe, test } from "node:test";
import { NAMESPACE, SIGNALS } from "../runtime/signals.ts";
import { CASES } from "./cases/index.ts";
import { faultsOf } from "./oracle.ts";
import { deadPort, optionsFor, type Running, type Runtime, startProxies, withBinaries } from "./servers.ts";
import { complaints } from "./runtimes.ts";
import { authority, startSurface } from "./surface.ts";
import { startUntrusted, type Untrusted } from "./untrusted.ts";

/** Registers every case for `runtime`, and what must hold after all of them. */
export function conformance(runtime: Runtime): void {
  describe(`conformance on ${runtime}`, () => {
    let world: Awaited<ReturnType<typeof startSurface<Running>>>;
    let untrusted: Untrusted;
    before(async () => {
      withBinaries();
      const dead = await deadPort();
      untrusted = await startUntrusted();
      const options = (origin: string) => optionsFor(origin, dead, untrusted.origin);
      world = await startSurface(runtime, SIGNALS, ({ origin }) => startProxies(runtime, options(origin)));
    });
    after(() => Promise.all([world?.stop(), untrusted?.close()]));
    beforeEach(() => world.surface.upstream.answer());

    for (const { name, run } of CASES) test(name, { timeout: 30_000 }, () => run(world.surface));

    test("after all of it, nothing that ever arrived is at fault", () => {
      const { surface, surface: { upstream } } = world;
      assert.ok(upstream.requests.length > CASES.length / 4, "hardly anything arrived");
      for (const request of upstream.requests) {
        const faults = faultsOf(request, authority(surface), [SIGNALS, null]);
        assert.deepEqual(faults, [], `${request.method} ${request.target} (${NAMESPACE})`);
      }
    });
    test("after all of it, no other host was ever called", () => assert.equal(world.surface.evil.connections(), 0));
    test("after all of it, nothing was ever said to a host whose certificate does not verify", async () => {
      assert.equal(untrusted.heard(), "");
      // That is not for want of an answer: to who trusts it, it gives one.
      const { port } = new URL(untrusted.origin);
      const trusting = get({ host: "127.0.0.1", port, ca: untrusted.certificate, agent: false });
      const [response] = await once(trusting, "response") as [IncomingMessage];
      assert.equal(response.statusCode, 200);
      trusting.destroy();
    });
    test("after all of it, the servers still run and complained of nothing", () => {
      assert.ok(world.servers.isAlive());
      assert.deepEqual(complaints(runtime, world.servers.stderr()), []);
    });
  });
}
