/** Runs `consumer/smoke.js` on each runtime, with the package that the consumer installed. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { promisify } from "node:util";
import { build } from "esbuild";
import { type Consumer, everyModule, OLDEST_NODE } from "./consumers.ts";

const BIN = path.join(import.meta.dirname, "../../node_modules/.bin");
const run = promisify(execFile);

/** What a run found: the names that each export has, and how two requests were answered. */
export interface Found {
  readonly exports: Readonly<Record<string, readonly string[]>>;
  readonly created: readonly [status: number, body: unknown];
  readonly refused: readonly [status: number, code: string];
}

const PROGRAM = `import process from "node:process";
import { modules } from "./every.js";
import { smoke } from "./smoke.js";
console.log(JSON.stringify(await smoke(modules, process.argv[2])));
// An adapter may have left a timer or a signal's handler.
process.exit(0);
`;

/** The local Trigger.dev starts threads and servers, and Workers have neither. */
const NOT_ON_WORKERD: ReadonlySet<string> = new Set(["edgestamp/dev"]);

/** The exports that a runtime is to import. */
export function namesOn(runtime: string, { names }: Consumer): readonly string[] {
  return runtime === "workerd" ? names.filter((name) => !NOT_ON_WORKERD.has(name)) : names;
}

const WORKER = `import { modules } from "./every_on_workerd.js";
import { smoke } from "./smoke.js";
export default { fetch: async (request, env) => Response.json(await smoke(modules, env.UPSTREAM)) };
`;

const program = (...command: readonly [string, ...string[]]) => async (at: Consumer, upstream: string) => {
  await writeFile(path.join(at.folder, "program.js"), PROGRAM);
  const [file, ...args] = command;
  const { stdout } = await run(path.resolve(at.folder, file), [...args, "program.js", upstream], { cwd: at.folder });
  return JSON.parse(stdout) as Found;
};

/** workerd runs one bundle; it has Node's modules, because adapters for Node are among the exports. */
async function onWorkerd(consumer: Consumer, upstream: string): Promise<Found> {
  const { folder } = consumer;
  await writeFile(path.join(folder, "every_on_workerd.js"), everyModule(namesOn("workerd", consumer)));
  await writeFile(path.join(folder, "worker_entry.js"), WORKER);
  await build({
    entryPoints: [path.join(folder, "worker_entry.js")],
    outfile: path.join(folder, "worker.js"),
    bundle: true,
    format: "esm",
    conditions: ["workerd"],
    external: ["node:*"],
    logLevel: "error",
  });
  await writeFile(
    path.join(folder, "worker.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        (name = "internet", network = (allow = ["local", "private"])),
        (name = "main", worker = (
          compatibilityDate = "2026-07-01", compatibilityFlags = ["nodejs_compat"],
          bindings = [(name = "UPSTREAM", text = "${upstream}")],
          modules = [(name = "worker.js", esModule = embed "worker.js")]))],
      sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")]
    );`,
  );
  const workerd = spawn(path.join(BIN, "workerd"), ["serve", "--control-fd=3", "worker.capnp"], {
    cwd: folder,
    stdio: ["ignore", "ignore", "inherit", "pipe"],
  });
  const exited = once(workerd, "exit");
  try {
    for await (const line of createInterface({ input: workerd.stdio[3] as Readable })) {
      const { event, port } = JSON.parse(line) as { event: string; port: number };
      if (event === "listen") return await (await fetch(`http://127.0.0.1:${port}/`)).json() as Found;
    }
    throw new Error("workerd ended before it listened");
  } finally {
    workerd.kill();
    await exited;
  }
}

export const RUNTIMES: Readonly<Record<string, (consumer: Consumer, upstream: string) => Promise<Found>>> = {
  node: program(path.join(BIN, "node")),
  ...(OLDEST_NODE !== undefined && { "the oldest Node": program(`node_modules/${OLDEST_NODE}/bin/node`) }),
  deno: program(path.join(BIN, "deno"), "run", "--allow-all", "--no-check", "--quiet"),
  bun: program(path.join(BIN, "bun"), "run"),
  workerd: onWorkerd,
};
