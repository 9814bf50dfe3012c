/** Serves the proxies under test on workerd, one Worker each. Runs on Node; ends with its standard input. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { build } from "esbuild";
import { announce, wanted } from "./test_proxies.ts";

const DATE = process.env["COMPATIBILITY_DATE"] ?? "2025-01-01";

const options = wanted(process.argv[2]);
const names = Object.keys(options);
const directory = await mkdtemp(path.join(tmpdir(), "edgestamp-workerd-"));
await build({
  entryPoints: [path.join(import.meta.dirname, "worker.ts")],
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

function config(): string {
  const services = names.map((name) =>
    `(name = "${name}", worker = (compatibilityDate = "${DATE}", modules = [(name = "worker.js", esModule = embed "worker.js")],
      bindings = [(name = "OPTIONS", json = ${JSON.stringify(JSON.stringify(options[name]))})]))`
  );
  const sockets = names.map((name) => `(name = "${name}", address = "127.0.0.1:0", http = (), service = "${name}")`);
  return `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [(name = "internet", network = (allow = ["public", "private", "local"])), ${services.join(",\n")}],
      sockets = [${sockets.join(", ")}]
    );`;
}
