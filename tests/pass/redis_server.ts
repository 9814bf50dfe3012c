/** Debian's own `redis-server`, on loopback, for as long as a test needs it. */

import { type ChildProcess, spawn } from "node:child_process";
import { access, constants, mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";

export interface RedisServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Where the program is; `undefined` where this machine has none. Nothing is installed for a test. */
export async function findRedis(): Promise<string | undefined> {
  const places = ["/usr/bin", "/usr/local/bin", ...(process.env["PATH"] ?? "").split(path.delimiter)];
  for (const place of places) {
    const program = path.join(place, "redis-server");
    if (await access(program, constants.X_OK).then(() => true, () => false)) return program;
  }
  return undefined;
}

/** Starts one that keeps nothing on disk. */
export async function startRedis(program: string): Promise<RedisServer> {
  const directory = await mkdtemp(path.join(tmpdir(), "edgestamp-redis-"));
  const port = await freePort();
  const child = spawn(program, [
    "--port",
    String(port),
    "--bind",
    "127.0.0.1",
    "--save",
    "",
    "--appendonly",
    "no",
    "--dir",
    directory,
  ], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await ready(child);
  return {
    url: `redis://127.0.0.1:${port}`,
    async close() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await gone;
      await rm(directory, { recursive: true });
    },
  };
}

/** Redis itself takes no port 0: the system names one that is free. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("redis-server did not start in time")), 30_000);
    child.once("exit", (code) => reject(new Error(`redis-server ended with ${code}`)));
    let output = "";
    child.stdout!.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (!output.includes("Ready to accept connections")) return;
      clearTimeout(timer);
      resolve();
    });
  });
}
