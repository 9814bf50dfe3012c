/**
 * A ready Worker around whatever makes a proxy of its environment.
 *
 * @module
 */
import type { Proxy } from "../src/proxy.ts";
import { readEnvironment, type Setup } from "./_environment.ts";
import { readyFetch } from "./_ready.ts";
import type { Environment, WorkerContext } from "./_types.ts";

/** A ready Worker. */
export interface CloudflareWorker {
  fetch(request: Request, env: Environment, ctx: WorkerContext): Promise<Response>;
}

/**
 * Makes a Worker that stamps `__cf` and keeps no log, unless its environment says otherwise: Workers Logs have each
 * invocation already, and count every line.
 */
export function createWorker(proxyOf: (setup: Setup) => Proxy | Promise<Proxy>): CloudflareWorker {
  const answer = readyFetch((env) =>
    proxyOf(readEnvironment(env, { namespace: "__cf", log: "none", trusts: ["cloudflare"] }))
  );
  return {
    fetch: (request, env, ctx) => answer(request, env, { env, waitUntil: (promise) => ctx.waitUntil(promise) }),
  };
}
