// deno-lint-ignore-file no-console -- a server speaks to whoever runs it
/**
 * Metrics at an address of their own: what they tell of an app is nobody's business who may chat with it.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Machine } from "./_machine.ts";
import type { Observer } from "../src/watch.ts";
import { type Metrics, metrics, type PrometheusClient } from "./metrics.ts";
import { EnvironmentError } from "./_variables.ts";

/**
 * Serves metrics where the environment says, until the process ends, and tells where in one line. It is Node's own http
 * server, which Bun and Deno have, too. Gives who is to be told of requests. Rejects with `EnvironmentError`.
 */
export async function serveMetrics({ host, port }: NonNullable<Machine["metrics"]>): Promise<Observer> {
  const measured = metrics({ client: await loadClient() });
  // Imported here, because adapters are also imported where there is no such module, for their providers.
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => void answer(measured, request, response));
  await listen(server, host, port);
  // It is no reason for a process to stay.
  server.unref();
  const { address, family, port: bound } = server.address() as AddressInfo;
  console.log(`edgestamp has metrics at http://${family === "IPv6" ? `[${address}]` : address}:${bound}/metrics`);
  return measured.observe;
}

/** As Deno calls it where no import map does. */
const CLIENTS = ["prom-client", "npm:prom-client@^15.1.3"];

/** It is there where it is used only. Named by a variable, it is in nobody's bundle. */
async function loadClient(): Promise<PrometheusClient> {
  for (const name of CLIENTS) {
    try {
      const { default: client } = await import(name) as { default: PrometheusClient };
      return client;
    } catch {
      // Under its other name, perhaps.
    }
  }
  throw new EnvironmentError(
    "EDGE_METRICS_PORT: needs prom-client, which is not installed; run `npm install prom-client`, or leave it unset",
  );
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
