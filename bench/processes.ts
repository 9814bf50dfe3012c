/**
 * Starts the servers that are measured, and reads what Linux says of them.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { build } from "esbuild";

/** The runtimes that everything is measured on. */
export const RUNTIMES = ["bun", "deno", "node", "workerd"] as const;
export type Runtime = typeof RUNTIMES[number];

/** The repository. */
export const ROOT: string = path.join(import.meta.dirname, "..");
export const ENVIRONMENT: NodeJS.ProcessEnv = {
  ...process.env,
  PATH: `${path.join(ROOT, "node_modules/.bin")}${path.delimiter}${process.env["PATH"] ?? ""}`,
  NO_COLOR: "1",
  // Bun sends 256 requests at a time otherwise, and more streams than that would wait for each other.
  BUN_CONFIG_MAX_HTTP_REQUESTS: "65000",
};

const COMMANDS: Readonly<Record<Exclude<Runtime, "workerd">, readonly string[]>> = {
  bun: ["bun"],
  deno: ["deno", "run", "-A", "--quiet", "--no-lock", "--v8-flags=--expose-gc"],
  node: ["node", "--disable-warning=ExperimentalWarning", "--expose-gc"],
};

/** A server that runs. */
export interface Server {
  readonly port: number;
  readonly pid: number;
  stop(): Promise<void>;
}

/** How to run a file of `bench/` on a runtime that has programs. */
export function commandOf(runtime: Exclude<Runtime, "workerd">, file: string, argument: unknown): string[] {
  return [...COMMANDS[runtime], path.join(import.meta.dirname, file), JSON.stringify(argument)];
}

/** Starts a program that prints `{"port":…}`, and ends with its standard input. */
export async function startProgram(
  runtime: Exclude<Runtime, "workerd">,
  file: string,
  argument: unknown,
): Promise<Server> {
  const [command, ...args] = commandOf(runtime, file, argument) as [string, ...string[]];
  const child = spawn(command, args, { env: ENVIRONMENT, stdio: ["pipe", "pipe", "pipe"] });
  relay(child.stderr as Readable);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await firstLine(child.stdout, exited);
  const { port } = JSON.parse(line) as { port: number };
  // The commands of the packages are scripts that start the runtime, which is what is measured.
  return { port, pid: await leaf(child.pid!), stop: () => (child.stdin.end(), exited) };
}

/** Starts workerd with one Worker, bundled from a file of `bench/`, with a JSON binding. Flags of V8's slow its start. */
export async function startWorker(
  file: string,
  binding: string,
  value: unknown,
  v8Flags: readonly string[] = [],
): Promise<Server> {
  const directory = await mkdtemp(path.join(tmpdir(), "edgestamp-bench-"));
  await bundle(path.join(import.meta.dirname, file), path.join(directory, "worker.js"));
  await writeFile(path.join(directory, "config.capnp"), configOf(binding, value, v8Flags));
  const { server } = await serveWorker(directory);
  return { ...server, stop: () => server.stop().then(() => rm(directory, { recursive: true })) };
}

/** Bundles a Worker as wrangler does, but for its minifier. */
export async function bundle(file: string, outfile: string, minify = false): Promise<void> {
  await build({
    entryPoints: [file],
    outfile,
    bundle: true,
    format: "esm",
    minify,
    logLevel: "warning",
    external: ["node:*"],
  });
}

/** Starts workerd on a directory with `config.capnp`; gives the time until it listened. */
export async function serveWorker(directory: string): Promise<{ server: Server; began: number }> {
  const began = performance.now();
  const child = spawn("workerd", ["serve", "--control-fd=3", path.join(directory, "config.capnp")], {
    env: ENVIRONMENT,
    stdio: ["ignore", "inherit", "pipe", "pipe"],
  });
  relay(child.stderr as Readable);
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const line = await firstLine(child.stdio[3] as Readable, exited);
  const { port } = JSON.parse(line) as { port: number };
  const pid = await leaf(child.pid!);
  // Asked kindly, it would wait for what is open.
  const stop = (): Promise<void> => (process.kill(pid, "SIGKILL"), exited);
  return { server: { port, pid, stop }, began };
}

/** A configuration of workerd with one Worker that may call anything. */
export function configOf(binding: string, value: unknown, v8Flags: readonly string[] = []): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  v8Flags = ${JSON.stringify(v8Flags)},
  services = [
    (name = "internet", network = (allow = ["public", "private", "local"])),
    (name = "worker", worker = (
      compatibilityDate = "2026-08-03",
      compatibilityFlags = ["enable_request_signal"],
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      bindings = [(name = "${binding}", json = ${JSON.stringify(JSON.stringify(value))})],
    )),
  ],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "worker")],
);`;
}

/** What runtimes say each time that they are run like this, and of requests that the load left behind. */
const KNOWN =
  /request has been cancelled|^ +at ext:|legacy abort|legacy behavior|compile cache failed|BadResource: Cannot read body|consumeBody|bench\/reference/;

/** Passes on what a program complains of. */
function relay(stderr: Readable): void {
  createInterface({ input: stderr }).on("line", (line) => void (KNOWN.test(line) || process.stderr.write(`${line}\n`)));
}

async function firstLine(stream: Readable, exited: Promise<void>): Promise<string> {
  const lines = createInterface({ input: stream });
  const line = await Promise.race([
    new Promise<string>((resolve) => lines.once("line", resolve)),
    exited.then(() => undefined),
  ]);
  if (line === undefined) throw new Error("A server ended before it listened: see its output above");
  return line;
}

/** The process at the end of a chain of only children. */
async function leaf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, "utf8").catch(() => "");
  const child = Number(text.trim().split(" ")[0]);
  return child > 0 ? await leaf(child) : pid;
}

/** The processor's time of a process so far, all of its threads that still run, in milliseconds. */
export async function cpuMs(pid: number): Promise<number> {
  const tasks = await readdir(`/proc/${pid}/task`);
  const times = await Promise.all(
    tasks.map((task) =>
      readFile(`/proc/${pid}/task/${task}/schedstat`, "utf8").then((text) => Number(text.split(" ")[0]), () => 0)
    ),
  );
  return times.reduce((sum, time) => sum + time, 0) / 1e6;
}

/** The memory that a process has to itself, in bytes. */
export async function residentBytes(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, "utf8");
  const kib = [...text.matchAll(/^Private_\w+:\s+(\d+) kB/gm)].reduce((sum, [, size]) => sum + Number(size), 0);
  return kib * 1024;
}
