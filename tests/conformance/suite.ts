/**
 * Runs the one list of cases against the servers of one runtime.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { NAMESPACE, SIGNALS } from "../runtime/signals.ts";
import { CASES } from "./cases/index.ts";
import { faultsOf } from "./oracle.ts";
import { deadPort, optionsFor, type Running, type Runtime, startProxies, withBinaries } from "./servers.ts";
import { complaints } from "./runtimes.ts";
import { authority, startSurface } from "./surface.ts";

/** Registers every case for `runtime`, and what must hold after all of them. */
export function conformance(runtime: Runtime): void {
  describe(`conformance on ${runtime}`, () => {
    let world: Awaited<ReturnType<typeof startSurface<Running>>>;
    before(async () => {
      withBinaries();
      const dead = await deadPort();
      world = await startSurface(runtime, SIGNALS, ({ origin }) => startProxies(runtime, optionsFor(origin, dead)));
    });
    after(() => world?.stop());
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
    test("after all of it, the servers still run and complained of nothing", () => {
      assert.ok(world.servers.isAlive());
      assert.deepEqual(complaints(runtime, world.servers.stderr()), []);
    });
  });
}
