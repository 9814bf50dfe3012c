/** The ready-made servers, configured by nothing but their environment, hold to the short list of cases. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { READY_MADE } from "../conformance/cases/index.ts";
import { type Recorder, startRecorder } from "../conformance/recorder.ts";
import { PAGE, type Runtime, start as startProcess, withBinaries } from "../conformance/servers.ts";
import type { Surface } from "../conformance/surface.ts";
import { NAMESPACE } from "./signals.ts";
import { start } from "./spawned.ts";

type Environment = Record<string, string>;

/** Servers that run, and how they are stopped. */
interface Started {
  readonly ports: Record<string, number>;
  stop(): Promise<unknown>;
}

/** The environments of the three servers on which the cases call. */
function environments(upstream: Recorder): Record<"standard" | "off" | "chat", Environment> {
  const common = { TRIGGER_API_UPSTREAM: upstream.origin, EDGE_NAMESPACE: NAMESPACE };
  return {
    standard: { ...common, EDGE_ALLOWED_ORIGINS: `${PAGE}, https://*.example.org` },
    off: { ...common, EDGE_GUARD: "off" },
    chat: { ...common, EDGE_GUARD: "chat", EDGE_ALLOWED_ORIGINS: "*" },
  };
}

async function startServers(name: "bun" | "deno" | "node", wanted: Record<string, Environment>): Promise<Started> {
  const servers = await Promise.all(
    Object.entries(wanted).map(async ([key, env]) => [key, await start(name, env)] as const),
  );
  for (const [, server] of servers) assert.notEqual(server.url, "", server.output());
  return {
    ports: Object.fromEntries(servers.map(([key, { url }]) => [key, Number(new URL(url).port)])),
    stop: () => Promise.all(servers.map(([, { child, exited }]) => child.kill("SIGKILL") && exited)),
  };
}

function startWorkers(wanted: Record<string, Environment>): Promise<Started> {
  const args = ["launch_workerd.ts", JSON.stringify(wanted), "../../adapters/cloudflare.ts"];
  return startProcess("node", args, import.meta.dirname);
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
    let surface: Surface;
    let started: Started;
    before(async () => {
      withBinaries();
      const [upstream, evil] = await Promise.all([startRecorder(), startRecorder()]);
      const wanted = environments(upstream);
      started = runtime === "workerd" ? await startWorkers(wanted) : await startServers(runtime, wanted);
      surface = { runtime, upstream, evil, stamp: STAMPS[runtime], ports: { mounted: 0, dead: 0, standard: 0, off: 0, chat: 0, ...started.ports } };
    });
    after(async () => {
      await started?.stop();
      await surface?.upstream.close();
      await surface?.evil.close();
    });
    beforeEach(() => surface.upstream.answer());
    for (const { name, run } of READY_MADE) test(name, { timeout: 30_000 }, () => run(surface));
  });
}
