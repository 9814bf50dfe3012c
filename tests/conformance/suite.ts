/**
 * Runs the one list of cases against the servers of one runtime, or of one platform.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import { get } from "node:https";
import { after, before, beforeEach, describe, test } from "node:test";
import { type Open, PROBE, type TestOptions } from "../runtime/test_proxies.ts";
import { NAMESPACE, SIGNALS } from "../runtime/signals.ts";
import { CASES } from "./cases/index.ts";
import { exchange, toBytes } from "./client.ts";
import { faultsOf } from "./oracle.ts";
import { CAN_ASK, openTo } from "./kernel.ts";
import type { Recorded, Recorder } from "./recorder.ts";
import { deadPort, optionsFor, type Running, type Runtime, startProxies, withBinaries } from "./servers.ts";
import { complaints, seesEveryEnd } from "./runtimes.ts";
import { authority, type Case, startSurface, type Surface } from "./surface.ts";
import { startUntrusted, type Untrusted } from "./untrusted.ts";
import { eventually, settle } from "./uploads.ts";

/** Registers every case for `runtime`, and what must hold after all of them. */
export function conformance(runtime: Runtime): void {
  describe(`conformance on ${runtime}`, () => {
    holdWithOptions(runtime, CASES, (options) => startProxies(runtime, options), seesEveryEnd(runtime));
  });
}

/**
 * Registers the cases for servers that have the test's trust provider and every setting that the list asks for.
 * With `isProbed`, they are asked at the end what is still open in them.
 */
export function holdWithOptions(
  runtime: Runtime,
  cases: readonly Case[],
  startWith: (options: Record<string, TestOptions>) => Promise<Running>,
  isProbed = false,
): void {
  let untrusted: Untrusted;
  before(async () => {
    untrusted = await startUntrusted();
  });
  after(() => untrusted?.close());
  hold({
    runtime,
    cases,
    stamp: SIGNALS,
    isProbed,
    start: async ({ origin }) => startWith(optionsFor(origin, await deadPort(), untrusted.origin)),
  });
  test("after all of it, nothing was ever said to a host whose certificate does not verify", async () => {
    assert.equal(untrusted.heard(), "");
    // That is not for want of an answer: to who trusts it, it gives one.
    const { port } = new URL(untrusted.origin);
    const trusting = get({ host: "127.0.0.1", port, ca: untrusted.certificate, agent: false });
    const [response] = await once(trusting, "response") as [IncomingMessage];
    assert.equal(response.statusCode, 200);
    trusting.destroy();
  });
}

/** Servers, and what they are held to. */
export interface Held {
  /** What runs them: where the runtimes differ, what holds for it holds here. */
  readonly runtime: Runtime;
  readonly cases: readonly Case[];
  /** What they stamp. */
  readonly stamp: unknown;
  /** Whether they tell at the end what is still open in them. */
  readonly isProbed?: boolean;
  /** Starts them in front of an upstream. */
  start(upstream: Recorder): Promise<Running>;
}

/** Registers the cases for some servers, and what must hold after all of them, within a `describe`. */
export function hold({ runtime, cases, stamp, isProbed = false, start }: Held): void {
  let world: Awaited<ReturnType<typeof startSurface<Running>>>;
  before(async () => {
    withBinaries();
    world = await startSurface(runtime, stamp, start);
  });
  after(() => world?.stop());
  beforeEach(() => world.surface.upstream.answer());

  for (const { name, run } of cases) test(name, { timeout: 180_000 }, () => run(world.surface));

  test("after all of it, nothing that ever arrived is at fault", () => {
    const { surface, surface: { upstream } } = world;
    assert.ok(upstream.requests.length > cases.length / 4, "hardly anything arrived");
    for (const request of upstream.requests) {
      const faults = faultsOf(request, authority(surface), [stamp, null]);
      assert.deepEqual(faults, [], `${request.method} ${request.target} (${NAMESPACE})`);
    }
  });
  test("after all of it, no other host was ever called", () => assert.equal(world.surface.evil.connections(), 0));
  if (isProbed) {
    test("after all of it, no request, no timer and no caller's connection is left open", () =>
      eventuallyNothingIsOpen(world.surface));
  }
  test("after all of it, the servers still run and complained of nothing", () => {
    assert.ok(world.servers.isAlive());
    assert.deepEqual(complaints(runtime, world.servers.stderr()), []);
  });
}

/** Waits until nothing is under way any more: no caller's connection, no request upstream, no call and no timer. */
async function eventuallyNothingIsOpen({ ports, upstream }: Surface): Promise<void> {
  if (CAN_ASK) await eventually(() => openTo(Object.values(ports)) === 0, 20_000, "every caller's connection ends");
  for (const [name, port] of Object.entries(ports)) await eventuallyIdle(name, port);
  const isOver = ({ gone, answered }: Recorded): boolean => gone || answered;
  await eventually(() => upstream.requests.every(isOver), 20_000, "every request upstream is answered or given up");
}

async function eventuallyIdle(name: string, port: number): Promise<void> {
  let open: Open | undefined;
  for (const end = Date.now() + 20_000; Date.now() < end;) {
    const { body } = await exchange(port, toBytes({ method: "GET", target: PROBE, fields: [["Connection", "close"]] }));
    open = JSON.parse(body.toString()) as Open;
    if (open.timers === 0 && open.calls === 0) return;
    await settle(100);
  }
  assert.deepEqual(open, { timers: 0, calls: 0 }, `left open by ${name}`);
}
