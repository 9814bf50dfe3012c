/**
 * Node's http server, over srvx. `node adapters/node.ts` (or `node node_modules/edgestamp/dist/adapters/node.js`)
 * starts a server by the environment; {@link serve} starts one of your own, and {@link toNodeListener}
 * mounts a proxy in an app that is there already:
 *
 * ```ts
 * import http from "node:http";
 * import express from "express";
 * import { createProxy } from "edgestamp";
 * import { socket, toNodeListener } from "edgestamp/node";
 *
 * const trigger = toNodeListener(createProxy({ trust: socket() }));
 * express().use("/api/trigger", trigger); // before any body parser
 * http.createServer(trigger).listen(8080);
 * ```
 *
 * @module
 */
import { realpathSync } from "node:fs";
import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import process from "node:process";
import { pathToFileURL } from "node:url";
import type { ServerRequest } from "srvx";
import { serve as serveNode, toNodeHandler } from "srvx/node";
import type { Proxy } from "../src/proxy.ts";
import { counter, gated, type UnderWay } from "./_in_flight.ts";
import { readBytesFrom } from "./_node_body.ts";
import { readyFetch } from "./_ready.ts";
import { type ListenOptions, proxyFrom, type Running, runUntilStopped } from "./_server.ts";
import { GRACE_MS, stopInOrder } from "./_stop.ts";
import type { NodeRequest, NodeResponse } from "./_types.ts";

export { socket } from "./_socket.ts";
export type { ListenOptions, Running } from "./_server.ts";
export type { NodeRequest, NodeResponse } from "./_types.ts";

/** A listener for `http.createServer`, or a handler for Express and Connect. */
export type NodeListener = (request: NodeRequest, response: NodeResponse) => void;

/** Makes a listener for a proxy. `platform.info` is Node's own request. */
export function toNodeListener(proxy: Proxy): NodeListener {
  return toNodeHandler((request) => answer(proxy, request)) as unknown as NodeListener;
}

/** Starts a server. Rejects where it cannot listen. */
export async function serve(
  proxy: Proxy,
  { host = "0.0.0.0", port = 3000, maxInFlight }: ListenOptions = {},
): Promise<Running> {
  const limited = gated(proxy, maxInFlight, unclosed());
  const stopping = new AbortController();
  const server = serveNode({
    fetch: (request) => answer(limited, request, stopping.signal),
    hostname: host,
    port,
    manual: true,
    silent: true,
    gracefulShutdown: false,
  });
  await server.serve();
  return {
    url: server.url!.replace(/\/$/, ""),
    stop: async (graceMs = GRACE_MS) => {
      let sweep: ReturnType<typeof setInterval> | undefined;
      const close = (): Promise<void> => {
        // A connection that falls idle after `close` is kept alive by Node for five seconds more.
        sweep = setInterval(() => (server.node?.server as HttpServer | undefined)?.closeIdleConnections(), 100);
        return server.close();
      };
      await stopInOrder(stopping, { close, cutOff: () => server.close(true) }, graceMs);
      clearInterval(sweep);
    },
  };
}

async function answer(proxy: Proxy, request: ServerRequest, draining?: AbortSignal): Promise<Response> {
  const { req, res } = request.runtime!.node!;
  if (!mayHaveBody(req)) Object.defineProperty(request, "body", { value: null });
  else readBytesFrom(req as IncomingMessage, request);
  const response = await proxy.fetch(request, { info: req, draining });
  // Its client opens the next connection to whoever listens by then.
  if (draining?.aborted && res !== undefined) (res as ServerResponse).shouldKeepAlive = false;
  // Node keeps a response's head until its first byte, and the first event of a stream may be long in coming.
  if (response.body !== null) setImmediate(() => flushHead(res as NodeResponse | undefined));
  return response;
}

/** In HTTP/1.1 a request has a body where its head says so (RFC 9112 §6.3); srvx gives every POST a stream. */
function mayHaveBody({ headers, httpVersionMajor }: NodeRequest): boolean {
  return httpVersionMajor > 1 || headers["transfer-encoding"] !== undefined ||
    Number(headers["content-length"] ?? 0) > 0;
}

function flushHead(response: NodeResponse | undefined): void {
  if (response !== undefined && response.headersSent && !response.writableEnded) response.flushHeaders();
}

/** Counts requests until Node has closed their answers, sent whole or cut off. */
function unclosed(): UnderWay {
  return counter((request, _, end) => {
    const { res } = (request as ServerRequest).runtime!.node!;
    (res as NodeResponse).once("close", end);
  });
}

const ready = /* @__PURE__ */ readyFetch(async (env) => {
  const { proxy, setup } = await proxyFrom(env);
  return gated(proxy, setup.maxInFlight, unclosed());
});

/** A listener that is configured by the environment when its first request comes. */
const listener: NodeListener = /* @__PURE__ */ toNodeListener({
  fetch: (request, platform = {}) => ready(request, process.env, { ...platform, env: process.env }),
});

export default listener;

function isMain(): boolean {
  // Node before 24.2 does not say.
  return import.meta.main ??
    (process.argv[1] !== undefined && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href);
}

if (isMain()) void runUntilStopped(serve);
