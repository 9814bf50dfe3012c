/**
 * Bun on a machine of your own. `bun run adapters/bun.ts` (or `bun node_modules/edgestamp/dist/adapters/bun.js`)
 * starts a server by the environment; {@link serve} starts one of your own:
 *
 * ```ts
 * import { createProxy } from "edgestamp";
 * import { serve, socket } from "edgestamp/bun";
 *
 * const server = await serve(createProxy({ trust: socket() }), { port: 8080 });
 * process.on("SIGTERM", () => server.stop());
 * ```
 *
 * Bun sends no more than 256 requests at a time, open streams included. This file's own program makes room; one of
 * yours is to be started with `BUN_CONFIG_MAX_HTTP_REQUESTS=65336`.
 *
 * @module
 */
import type { Proxy } from "../src/proxy.ts";
import { makeRoom, warnOfNoRoom } from "./_bun_requests.ts";
import { type BunServeOptions, toServeOptions } from "./_bun_serve.ts";
import { gated, type UnderWay } from "./_in_flight.ts";
import { readyFetch } from "./_ready.ts";
import { type ListenOptions, proxyFrom, type Running, runUntilStopped } from "./_server.ts";
import { GRACE_MS, stopInOrder } from "./_stop.ts";
import type { BunServer } from "./_types.ts";

export type { BunServeOptions } from "./_bun_serve.ts";
export { socket } from "./_socket.ts";
export type { ListenOptions, Running } from "./_server.ts";

interface BunGlobal {
  readonly env: Readonly<Record<string, string | undefined>>;
  serve(options: BunServeOptions & { hostname: string; port: number }): BunServer;
}

/** Starts a server. Rejects where it cannot listen. */
export async function serve(
  proxy: Proxy,
  { host = "0.0.0.0", port = 3000, maxInFlight }: ListenOptions = {},
): Promise<Running> {
  const { Bun } = globalThis as unknown as { Bun: BunGlobal };
  warnOfNoRoom();
  const stopping = new AbortController();
  const { signal: draining } = stopping;
  const limited = gated(proxy, maxInFlight, pending);
  const fetch: BunServeOptions["fetch"] = async (request, info) => {
    const response = await limited.fetch(request, { info, draining });
    // Its client opens the next connection to whoever listens by then.
    if (draining.aborted) response.headers.set("connection", "close");
    return response;
  };
  const server = Bun.serve({ ...toServeOptions(fetch), hostname: host, port });
  return {
    url: server.url.origin,
    stop: (graceMs = GRACE_MS) =>
      stopInOrder(stopping, { close: () => server.stop(), cutOff: () => server.stop(true) }, graceMs),
  };
}

/** Bun counts itself, streams that are open included. */
const pending: UnderWay = (_, platform) => (platform?.info as BunServer).pendingRequests;

const answer = /* @__PURE__ */ readyFetch(async (env) => {
  const { proxy, setup } = await proxyFrom(env);
  return gated(proxy, setup.maxInFlight, pending);
});

/**
 * Options for `Bun.serve`, configured by the environment when the first request comes. As a program's
 * default export they are a server, too, but one that does not stop gracefully: for that, run this
 * file, or call {@link serve}.
 */
const ready: BunServeOptions = /* @__PURE__ */ toServeOptions((request, info) => {
  const { Bun } = globalThis as unknown as { Bun: BunGlobal };
  return answer(request, Bun.env, { info, env: Bun.env });
});

if (import.meta.main) makeRoom();

const running = import.meta.main ? runUntilStopped(serve) : undefined;

/** What {@link serve} started where this file is the program; Bun serves a default export that cannot `stop` once more. */
const server: BunServeOptions = running === undefined
  ? ready
  : Object.assign(ready, { stop: async () => (await running).stop() });

export default server;
