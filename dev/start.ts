/**
 * `npm start`: a local Trigger.dev, the proxy on Bun in front of it, a page to chat on, and a walk through one
 * conversation. With `EDGE_SEAL=signed`, stamps prove themselves. With `TRIGGER_API_UPSTREAM` set, the proxy alone, in
 * front of that.
 */

import { once } from "node:events";
import { EdgeFailure, runBun, startEdgeOnBun } from "./edge_process.ts";
import { buildPage } from "./page/build.ts";
import { openBrowser } from "./page/open_browser.ts";
import { startPlayground } from "./page/playground.ts";

const namespace = process.env["EDGE_NAMESPACE"] || "__cf";
const SEALS = ["none", "signed", "encrypted"] as const;
const PORTS = { page: ["PAGE_PORT", 5173], proxy: ["PORT", 3000], upstream: ["UPSTREAM_PORT", 3030] } as const;

try {
  if (process.env["TRIGGER_API_UPSTREAM"]) await proxyOnly();
  else await demo();
} catch (error) {
  // The proxy's process has said itself what keeps it from starting.
  if (!(error instanceof EdgeFailure)) console.error(explain(error as NodeJS.ErrnoException & { port?: number }));
  process.exit(1);
}

/** The ready-made Bun server, as it is deployed. */
async function proxyOnly(): Promise<void> {
  const server = runBun("../adapters/bun.ts", [], {
    stdio: "inherit",
    env: { ...process.env, HOST: process.env["HOST"] || "127.0.0.1" },
  });
  onSignals((signal) => void server.kill(signal));
  const [code] = await once(server, "exit") as [number | null];
  process.exitCode = code ?? 1;
}

async function demo(): Promise<void> {
  const began = performance.now();
  const playground = await startPlayground({
    namespace,
    seal: sealOf(process.env["EDGE_SEAL"] || "none"),
    ports: { page: portOf("page"), proxy: portOf("proxy"), upstream: portOf("upstream") },
    findPage: buildPage,
    startEdge: startEdgeOnBun,
  });
  const { local, reached, proxyUrl, pageUrl, isPageNew } = playground;
  let isEnding = false;
  const end = (code: number): void => {
    isEnding = true;
    void playground.close().then(() => process.exit(code));
  };
  onSignals(() => end(0));
  void playground.ended.then(end);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  console.log(`The page                ${pageUrl} (${isPageNew ? "built" : "built before"}; all up in ${seconds} s)`);
  console.log(`edgestamp, on Bun       ${proxyUrl}`);
  console.log(`Trigger.dev, locally    ${local.url} (secret key ${local.environment.secretKey})`);
  openBrowser(pageUrl);
  try {
    const { invitation, walk } = await import("./walk.ts");
    const sealedStart = "EDGE_SEAL=signed npm start";
    const walked = await walk({ local, proxyUrl, namespace, reached, sealedStart, print: console.log });
    console.log(invitation({ ...playground, namespace }, walked));
  } catch (error) {
    // Whoever ends it in the middle of its walk has seen enough.
    if (!isEnding) throw error;
  }
}

function portOf(what: keyof typeof PORTS): number {
  const [name, normal] = PORTS[what];
  const port = process.env[name] || String(normal);
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) {
    throw new Error(`${name} is no port: set it to a number from 0 to 65535`);
  }
  return Number(port);
}

function sealOf(wanted: string): (typeof SEALS)[number] {
  const seal = SEALS.find((kind) => kind === wanted);
  if (seal === undefined) throw new Error(`EDGE_SEAL is none that there is: set it to ${SEALS.join(", ")}`);
  return seal;
}

function explain({ code, message, port }: NodeJS.ErrnoException & { port?: number }): string {
  if (code !== "EADDRINUSE") return message;
  const owner = Object.values(PORTS).find(([name, normal]) => Number(process.env[name] || normal) === port);
  return `Port ${port} is taken: set ${owner?.[0] ?? "PORT"} to a free one`;
}

function onSignals(listener: (signal: NodeJS.Signals) => void): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => listener(signal));
}
