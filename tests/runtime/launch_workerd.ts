/**
 * Serves Workers on workerd: the proxies under test, or, where a second argument names another module
 * beside this one, that one with its settings as bindings. Runs on Node; ends with its standard input.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import { announce } from "./test_proxies.ts";

// Every other Worker runs at the oldest date that is promised, without what came later; the rest as wrangler.jsonc has it.
const COMPATIBILITY = [
  `compatibilityDate = "2026-08-03", compatibilityFlags = ["enable_request_signal"]`,
  `compatibilityDate = "2025-01-01"`,
];

const workers = JSON.parse(process.argv[2] ?? "{}") as Record<string, Record<string, unknown>>;
const entry = process.argv[3];
const names = Object.keys(workers);
const directory = await mkdtemp(path.join(tmpdir(), "edgestamp-workerd-"));
await build({
  entryPoints: [path.join(import.meta.dirname, entry ?? "worker.ts")],
  outfile: path.join(directory, "worker.js"),
  bundle: true,
  format: "esm",
  logLevel: "warning",
});
await writeFile(path.join(directory, "config.capnp"), config());

const workerd = spawn("workerd", ["serve", "--control-fd=3", path.join(directory, "config.capnp")], {
  stdio: ["ignore", "inherit", "inherit", "pipe"],
});
workerd.on("exit", () => process.exit(1));
process.stdin.on("end", async () => {
  workerd.removeAllListeners("exit").kill();
  await rm(directory, { recursive: true });
  process.exit(0);
}).resume();

const ports: Record<string, number> = {};
for await (const line of createInterface({ input: workerd.stdio[3] as Readable })) {
  const { event, socket, port } = JSON.parse(line) as { event: string; socket: string; port: number };
  if (event === "listen") ports[socket] = port;
  if (Object.keys(ports).length === names.length) break;
}
console.log(announce(ports));

function bindingsOf(name: string): string {
  const bindings = entry === undefined ? { OPTIONS: workers[name] } : workers[name]!;
  return Object.entries(bindings).map(([key, value]) => {
    const text = JSON.stringify(value);
    return `(name = "${key}", ${typeof value === "string" ? `text = ${text}` : `json = ${JSON.stringify(text)}`})`;
  }).join(", ");
}

function config(): string {
  const services = names.map((name, i) =>
    `(name = "${name}", worker = (${COMPATIBILITY[i % 2]}, bindings = [${bindingsOf(name)}],
      modules = [(name = "worker.js", esModule = embed "worker.js")]))`
  );
  const sockets = names.map((name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "internet", network = (allow = ["public", "private", "local"], tlsOptions = (trustBrowserCas = true))), ${
    services.join(",\n")
  }],
      sockets = [${sockets.join(", ")}]
    );`;
}
