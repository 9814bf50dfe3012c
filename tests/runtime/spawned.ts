/** Starts the ready-made servers as their users do: as programs, by the environment. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const BIN = fileURLToPath(new URL("../../node_modules/.bin/", import.meta.url));

const INHERITED = Object.fromEntries(["PATH", "HOME"].map((name) => [name, process.env[name] ?? ""]));

const QUIET = { NODE_ENV: "production", EDGE_LOG: "none" } as const;

/** How each ready-made server is started on a plain machine. */
export const COMMANDS = {
  bun: ["bun", "run", "adapters/bun.ts"],
  node: ["node", "adapters/node.ts"],
  deno: ["deno", "serve", "-A", "--host", "127.0.0.1", "--port", "0", "adapters/deno.ts"],
} as const;

export type ServerName = keyof typeof COMMANDS;

export interface Spawned {
  readonly url: string;
  readonly child: ChildProcess;
  /** Everything that was printed so far. */
  output(): string;
  /** Resolves with the exit code, `null` after a signal. */
  readonly exited: Promise<number | null>;
}

/** Starts one and waits for the line that says where it listens, or for its end. */
export async function start(name: ServerName, env: Record<string, string>): Promise<Spawned> {
  const [program, ...args] = COMMANDS[name];
  const child = spawn(BIN + program, args, {
    cwd: ROOT,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...INHERITED, NO_COLOR: "1", HOST: "127.0.0.1", PORT: "0", ...QUIET, ...env },
  });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text) => output += text);
  child.stderr.setEncoding("utf8").on("data", (text) => output += text);
  const exited = once(child, "close").then(([code]) => code as number | null);
  let url: string | undefined;
  let over = false;
  exited.then(() => over = true);
  for (let waited = 0; url === undefined && !over && waited < 15_000; waited += 20) {
    await sleep(20);
    url = /[Ll]ist\w+ on (http:\/\/127\.0\.0\.1:\d+)/.exec(output)?.[1];
  }
  return { url: url ?? "", child, output: () => output, exited };
}

/** A request as the recording upstream saw it. */
export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** When its caller was gone before the answer was whole. */
  cutAt?: number;
}

/** An upstream on loopback that keeps what came and answers as told. */
export async function startUpstream(
  answer: (seen: Seen, response: ServerResponse) => void,
): Promise<{ url: string; seen: Seen[]; close(): void }> {
  const seen: Seen[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request.setEncoding("utf8")) body += chunk;
    const one: Seen = { method: request.method!, path: request.url!, headers: request.headers, body };
    seen.push(one);
    response.on("close", () => {
      if (!response.writableFinished) one.cutAt = Date.now();
    });
    answer(one, response);
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = (): void => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen, close };
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Waits until `find` gives something, and no longer than `ms`. */
export async function until<T>(find: () => T | undefined, ms: number): Promise<T | undefined> {
  for (let waited = 0; waited < ms; waited += 20) {
    const found = find();
    if (found !== undefined) return found;
    await sleep(20);
  }
  return find();
}
