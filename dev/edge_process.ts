/** Runs the proxy of `npm start` as a process of its own, on Bun. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Edge, EdgeOptions } from "./edge_here.ts";
import type { Fact } from "./inspector_facts.ts";

/** One line that the process writes. */
export type EdgeLine = { readonly url: string } | { readonly fact: Fact };

/** Thrown where the process ended before it listened. It has said why. */
export class EdgeFailure extends Error {}

/** Starts a program of this folder, or another, on Bun. */
export function runBun(file: string, args: readonly string[], options: Parameters<typeof spawn>[2]): ChildProcess {
  return spawn("bun", ["run", fileURLToPath(new URL(file, import.meta.url)), ...args], options);
}

/** Starts the proxy; resolves when it listens. */
export async function startEdgeOnBun({ upstream, namespace, port, origins, seal, note }: EdgeOptions): Promise<Edge> {
  const sealArgs = seal === undefined ? [] : ["--seal", seal.kind];
  // Bun sends 256 requests at a time otherwise, open streams included, and its adapter says so.
  const env = { ...process.env, EDGE_SEAL_KEY: seal?.key, BUN_CONFIG_MAX_HTTP_REQUESTS: "65336" };
  const args = [
    ...sealArgs,
    "--upstream",
    upstream,
    "--namespace",
    namespace,
    "--port",
    String(port),
    ...origins.flatMap((one) => ["--origin", one]),
  ];
  const child = runBun("edge.ts", args, { env, stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise<number>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 0));
  });
  const url = await new Promise<string>((resolve, reject) => {
    ended.then(() => reject(new EdgeFailure("the proxy did not start")), reject);
    createInterface({ input: child.stdout! }).on("line", (text) => {
      const line = JSON.parse(text) as EdgeLine;
      if ("url" in line) resolve(line.url);
      else note(line.fact);
    });
  });
  return {
    url,
    ended,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}
