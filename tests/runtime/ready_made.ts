/** Starts the ready-made servers, configured by nothing but their environment. */
import assert from "node:assert/strict";
import { start as startProcess } from "../conformance/servers.ts";
import type { Started } from "../conformance/surface.ts";
import { start } from "./spawned.ts";

/** What a server is told. */
export type Environment = Record<string, string>;

/** Starts the ready-made server of a runtime as a program, once for each environment. */
export async function startServers(
  name: "bun" | "deno" | "node",
  wanted: Record<string, Environment>,
): Promise<Started> {
  const servers = await Promise.all(
    Object.entries(wanted).map(async ([key, env]) => [key, await start(name, env)] as const),
  );
  for (const [, server] of servers) assert.notEqual(server.url, "", server.output());
  return {
    ports: Object.fromEntries(servers.map(([key, { url }]) => [key, Number(new URL(url).port)])),
    stop: () => Promise.all(servers.map(([, { child, exited }]) => child.kill("SIGKILL") && exited)),
  };
}

/** Starts a ready-made Worker on workerd, once for each environment. */
export function startWorkers(wanted: Record<string, Environment>, adapter = "cloudflare.ts"): Promise<Started> {
  const args = ["launch_workerd.ts", JSON.stringify(wanted), `../../adapters/${adapter}`];
  return startProcess("node", args, import.meta.dirname);
}
