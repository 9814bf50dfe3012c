// deno-lint-ignore-file no-console -- a server speaks to whoever runs it
/**
 * Metrics at an address of their own: what they tell of an app is nobody's business who may chat with it.
 *
 * @module
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Setup } from "./_environment.ts";
import type { Observer } from "../src/watch.ts";
import type { Metrics } from "./metrics.ts";
import { EnvironmentError } from "./_variables.ts";

/**
 * Serves metrics where the environment says, until the process ends, and tells where in one line. It is Node's own http
 * server, which Bun and Deno have, too. Gives who is to be told of requests. Rejects with `EnvironmentError`.
 */
export async function serveMetrics({ host, port }: NonNullable<Setup["metrics"]>): Promise<Observer> {
  const { metrics } = await load();
  const measured = metrics();
  const server = createServer((request, response) => void answer(measured, request, response));
  await listen(server, host, port);
  // It is no reason for a process to stay.
  server.unref();
  const { address, family, port: bound } = server.address() as AddressInfo;
  console.log(`edgestamp has metrics at http://${family === "IPv6" ? `[${address}]` : address}:${bound}/metrics`);
  return measured.observe;
}

async function load(): Promise<typeof import("./metrics.ts")> {
  try {
    return await import("./metrics.ts");
  } catch {
    throw new EnvironmentError(
      "EDGE_METRICS_PORT: needs prom-client, which is not installed; run `npm install prom-client`, or leave it unset",
    );
  }
}

async function answer(metrics: Metrics, { method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
  if (method !== "GET" || url?.replace(/\?.*/, "") !== "/metrics") {
    response.writeHead(404, { "content-type": "text/plain" }).end("GET /metrics\n");
    return;
  }
  const measured = await metrics.respond();
  response.writeHead(200, Object.fromEntries(measured.headers)).end(await measured.text());
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once(
      "error",
      ({ message }) =>
        reject(new EnvironmentError(`EDGE_METRICS_PORT: cannot be listened on (${message}); set another`)),
    );
    server.listen(port, host, resolve);
  });
}
