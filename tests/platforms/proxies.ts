/** Runs the reverse proxies of examples/ with the files that lie there, on ports of the test's own. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";

const EXAMPLES = path.join(import.meta.dirname, "../../examples");

/** How each is started with its file. */
const PROXIES = {
  nginx: {
    file: "nginx/nginx.conf",
    version: ["-v"],
    run: (config: string, folder: string) => [
      "-c",
      config,
      "-p",
      folder,
      "-e",
      "stderr",
      "-g",
      `daemon off; master_process off; pid ${folder}/pid; error_log stderr;`,
    ],
  },
  haproxy: { file: "haproxy/haproxy.cfg", version: ["-v"], run: (config: string) => ["-db", "-f", config] },
  caddy: {
    file: "caddy/Caddyfile",
    version: ["version"],
    run: (config: string) => ["run", "--adapter", "caddyfile", "--config", config],
  },
} as const;

export type ProxyName = keyof typeof PROXIES;

export const PROXY_NAMES = Object.keys(PROXIES) as ProxyName[];

/** Where Debian puts servers is not on everybody's path. */
const PATH = `${process.env["PATH"]}:/usr/sbin:/usr/local/sbin`;

/** Why a proxy cannot be run here, or `false`. */
export function isMissing(name: ProxyName): string | false {
  const { error } = spawnSync(name, PROXIES[name].version, { env: { NODE_ENV: "production", PATH }, stdio: "ignore" });
  return error === undefined ? false : `${name} is not installed: apt-get install nginx-light haproxy caddy`;
}

/** Starts one in front of `target`, a port on loopback. */
export async function startProxy(
  name: ProxyName,
  target: number,
  secret: string,
): Promise<{ port: number; stop(): Promise<void> }> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), `edgestamp-${name}-`));
  const config = path.join(folder, "config");
  const text = readFileSync(path.join(EXAMPLES, PROXIES[name].file), "utf8");
  // Only the ports are the test's own.
  writeFileSync(
    config,
    text.replaceAll("127.0.0.1:8080", `127.0.0.1:${port}`).replaceAll("127.0.0.1:3000", `127.0.0.1:${target}`),
  );
  writeFileSync(path.join(folder, "edgestamp_proof.conf"), `set $edgestamp_proof "${secret}";\n`);
  const child = spawn(name, PROXIES[name].run(config, folder), {
    env: { NODE_ENV: "production", PATH, HOME: folder, EDGE_PROOF_SECRET: secret },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => output += text);
  const stop = async (): Promise<void> => {
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  };
  for (let waited = 0; waited < 10_000; waited += 50) {
    if (child.exitCode !== null) break;
    if (await listens(port)) return { port, stop };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await stop();
  throw new Error(`${name} did not start: ${output}`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve((socket.destroy(), true)));
    socket.on("error", () => resolve(false));
  });
}
