/**
 * Runs the one list of cases against the servers of one runtime.
 */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { NAMESPACE, SIGNALS } from "../runtime/signals.ts";
import { CASES } from "./cases/index.ts";
import { faultsOf } from "./oracle.ts";
import { startRecorder } from "./recorder.ts";
import { deadPort, optionsFor, type Running, type Runtime, type ServerName, startProxies, withBinaries } from "./servers.ts";
import { complaints } from "./runtimes.ts";
import { authority, type Surface } from "./surface.ts";

/** Registers every case for `runtime`, and what must hold after all of them. */
export function conformance(runtime: Runtime): void {
  describe(`conformance on ${runtime}`, () => {
    let surface: Surface;
    let running: Running;
    before(async () => {
      withBinaries();
      const [upstream, evil] = await Promise.all([startRecorder(), startRecorder()]);
      running = await startProxies(runtime, optionsFor(upstream.origin, await deadPort()));
      surface = { runtime, upstream, evil, ports: running.ports as Record<ServerName, number>, stamp: SIGNALS };
    });
    after(async () => {
      await running?.stop();
      await surface?.upstream.close();
      await surface?.evil.close();
    });
    beforeEach(() => surface.upstream.answer());

    for (const { name, run } of CASES) test(name, { timeout: 30_000 }, () => run(surface));

    test("after all of it, nothing that ever arrived is at fault", () => {
      const { upstream } = surface;
      assert.ok(upstream.requests.length > CASES.length / 4, "hardly anything arrived");
      for (const request of upstream.requests) {
        const faults = faultsOf(request, authority(surface), [SIGNALS, null]);
        assert.deepEqual(faults, [], `${request.method} ${request.target} (${NAMESPACE})`);
      }
    });
    test("after all of it, no other host was ever called", () => assert.equal(surface.evil.connections(), 0));
    test("after all of it, the servers still run and complained of nothing", () => {
      assert.ok(running.isAlive());
      assert.deepEqual(complaints(runtime, running.stderr()), []);
    });
  });
}
