/**
 * A ready Worker around whatever makes a proxy of its environment.
 *
 * @module
 */
import type { Proxy } from "../src/proxy.ts";
import { readyFetch } from "./_ready.ts";
import type { Environment, WorkerContext } from "./_types.ts";

/** A ready Worker. */
export interface CloudflareWorker {
  fetch(request: Request, env: Environment, ctx: WorkerContext): Promise<Response>;
}

/**
 * How a ready Worker differs from other servers: it stamps `__cf`, and keeps no log unless its environment says
 * otherwise, because Workers Logs have each invocation already, and count every line.
 */
export const WORKER_DEFAULTS = { namespace: "__cf", log: "none", trusts: ["cloudflare"] } as const;

/** Makes a Worker. */
export function createWorker(proxyOf: (env: Environment) => Proxy | Promise<Proxy>): CloudflareWorker {
  const answer = readyFetch(proxyOf);
  return {
    fetch: (request, env, ctx) => answer(request, env, { env, waitUntil: (promise) => ctx.waitUntil(promise) }),
  };
}
