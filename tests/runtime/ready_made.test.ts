/** The ready-made servers, configured by nothing but their environment, hold to the short list of cases. */
import { after, before, beforeEach, describe, test } from "node:test";
import { READY_MADE } from "../conformance/cases/index.ts";
import type { Recorder } from "../conformance/recorder.ts";
import { PAGE, type Runtime, withBinaries } from "../conformance/servers.ts";
import { startSurface } from "../conformance/surface.ts";
import { type Environment, startServers, startWorkers } from "./ready_made.ts";
import { NAMESPACE } from "./signals.ts";

/** The environments of the three servers on which the cases call. */
function environments(upstream: Recorder): Record<"standard" | "off" | "chat", Environment> {
  const common = { TRIGGER_API_UPSTREAM: upstream.origin, EDGE_NAMESPACE: NAMESPACE };
  return {
    standard: { ...common, EDGE_ALLOWED_ORIGINS: `${PAGE}, https://*.example.org` },
    off: { ...common, EDGE_GUARD: "off" },
    chat: { ...common, EDGE_GUARD: "chat", EDGE_ALLOWED_ORIGINS: "*" },
  };
}

/** What each says of a caller on loopback. Where no Bot Management is, the Worker says what the page's says. */
const STAMPS: Record<Runtime, unknown> = {
  bun: { ip: "127.0.0.1" },
  deno: { ip: "127.0.0.1" },
  node: { ip: "127.0.0.1" },
  workerd: { botScore: 0, ja4: "", asn: 0, country: "" },
};

for (const runtime of ["bun", "deno", "node", "workerd"] as const) {
  describe(`the ready-made server on ${runtime}`, () => {
    let world: Awaited<ReturnType<typeof startSurface>>;
    before(async () => {
      withBinaries();
      world = await startSurface(runtime, STAMPS[runtime], (upstream) => {
        const wanted = environments(upstream);
        return runtime === "workerd" ? startWorkers(wanted) : startServers(runtime, wanted);
      });
    });
    after(() => world?.stop());
    beforeEach(() => world.surface.upstream.answer());
    for (const { name, run } of READY_MADE) test(name, { timeout: 180_000 }, () => run(world.surface));
  });
}
