/**
 * The servers under test: what each is told, and how they are started on a runtime.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import path from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import type { TestOptions } from "../runtime/test_proxies.ts";
import { UPSTREAM_PREFIX } from "./oracle.ts";

/** The runtimes that the proxy claims. */
export type Runtime = "bun" | "deno" | "node" | "workerd";

/** The servers of one runtime, by what is particular to them. */
export type ServerName = "standard" | "chat" | "off" | "mounted" | "dead" | "hasty" | "untrusted" | "sealed";

/** The page that may call the servers with a list of origins. */
export const PAGE = "https://app.example.com";

/** Below this path the mounted server answers. */
export const MOUNT = "/mount";

/** What the mounted and the hasty server wait for, in milliseconds: short, so that lateness can be tested. */
export const HASTY_MS = 600;

/** How long the sealed server takes to seal, in milliseconds: long enough to leave meanwhile. */
export const SEALS_IN_MS = 150;

/** The largest body that the mounted server holds to search it. */
export const HELD_BYTES = 4096;

const cors = { origins: [PAGE, "https://*.example.org"], maxAgeSeconds: 120 };

/** What each server is told. */
export function optionsFor(upstream: string, deadPort: number, untrusted: string): Record<ServerName, TestOptions> {
  // The order matters on workerd, where every other one runs at an older compatibility date.
  return {
    standard: { upstream, cors },
    off: { upstream, guard: "off" },
    chat: { upstream, guard: "chat", cors: { origins: "*" } },
    mounted: {
      upstream: upstream + UPSTREAM_PREFIX,
      basePath: MOUNT,
      onTrustError: "null",
      trustTimeoutMs: HASTY_MS,
      limits: { upstreamTimeoutMs: HASTY_MS, bodyTimeoutMs: HASTY_MS, heldBodyBytes: HELD_BYTES },
    },
    dead: { upstream: `http://127.0.0.1:${deadPort}`, cors },
    hasty: { upstream, cors, limits: { upstreamTimeoutMs: HASTY_MS } },
    untrusted: { upstream: untrusted, cors },
    sealed: { upstream, cors, sealsInMs: SEALS_IN_MS },
  };
}

/** Servers that listen. */
export interface Running {
  readonly ports: Readonly<Record<string, number>>;
  /** What the process wrote to its standard error. */
  stderr(): string;
  /** Whether the process is still there. */
  isAlive(): boolean;
  stop(): Promise<void>;
}

const COMMANDS: Record<Runtime, readonly string[]> = {
  bun: ["bun", "launch_bun.ts"],
  deno: ["deno", "run", "-A", "--no-check", "launch_deno.ts"],
  node: ["node", "launch_node.ts"],
  workerd: ["node", "launch_workerd.ts"],
};

/** Starts the proxies on a runtime. */
export function startProxies(runtime: Runtime, options: Readonly<Record<string, TestOptions>>): Promise<Running> {
  const directory = path.join(import.meta.dirname, "../runtime");
  const [command, ...rest] = COMMANDS[runtime] as [string, ...string[]];
  return start(command, [...rest, JSON.stringify(options)], directory);
}

/** Starts a process that prints `{"ports":{…}}` when it listens and ends with its standard input. */
export async function start(command: string, args: readonly string[], directory: string): Promise<Running> {
  const child = spawn(command, args, { cwd: directory, stdio: ["pipe", "pipe", "pipe"] });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const ports = await firstPorts(child, () => stderr);
  return {
    ports,
    stderr: () => stderr,
    isAlive: () => child.exitCode === null && child.signalCode === null,
    stop: () => stop(child),
  };
}

async function firstPorts(child: ChildProcess, stderr: () => string): Promise<Record<string, number>> {
  const late = setTimeout(() => child.kill("SIGKILL"), 30_000);
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      if (line.startsWith('{"ports"')) return (JSON.parse(line) as { ports: Record<string, number> }).ports;
    }
  } finally {
    clearTimeout(late);
    child.stdout!.resume();
  }
  throw new Error(`the server did not start:\n${stderr()}`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.stdin!.end();
  const late = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await ended;
  clearTimeout(late);
}

/** A port of loopback on which nothing listens. */
export async function deadPort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}

/** Where the runtimes' binaries are, so that a test run by itself finds them; and room for streams, as users of Bun set it. */
export function withBinaries(): void {
  const binaries = path.join(import.meta.dirname, "../../node_modules/.bin");
  process.env["PATH"] = `${binaries}${path.delimiter}${process.env["PATH"] ?? ""}`;
  process.env["BUN_CONFIG_MAX_HTTP_REQUESTS"] ??= "65336";
}
