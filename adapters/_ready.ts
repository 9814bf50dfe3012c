// deno-lint-ignore-file no-console -- a server speaks to whoever runs it
/**
 * What the ready-made servers answer with: the proxy, or what keeps it from being one.
 *
 * @module
 */
import { compileCors, preflight, setCors } from "../src/cors.ts";
import { Refusal, refusalResponse } from "../src/errors.ts";
import type { Proxy } from "../src/proxy.ts";
import type { Platform } from "../src/trust.ts";
import type { Environment } from "./_types.ts";
import { EnvironmentError, parseOrigins } from "./_variables.ts";

/** Answers a request by the environment that comes with it. */
export type ReadyFetch = (request: Request, env: Environment, platform: Platform) => Promise<Response>;

/**
 * Makes a handler that is configured when its first request comes, once for each environment object.
 * An environment that cannot be used is told in the log, and in every answer: 500 `edge_misconfigured`.
 */
export function readyFetch(configure: (env: Environment) => Proxy | Promise<Proxy>): ReadyFetch {
  const proxies = new WeakMap<Environment, Promise<Proxy>>();
  return async (request, env, platform) => {
    let proxy = proxies.get(env);
    if (proxy === undefined) {
      proxy = configured(configure, env);
      proxies.set(env, proxy);
    }
    return (await proxy).fetch(request, platform);
  };
}

async function configured(configure: (env: Environment) => Proxy | Promise<Proxy>, env: Environment): Promise<Proxy> {
  try {
    return await configure(env);
  } catch (error) {
    const line = error instanceof EnvironmentError ? error.message : undefined;
    console.error(line ?? error);
    return { fetch: (request) => Promise.resolve(misconfigured(request, env, line)) };
  }
}

function misconfigured(request: Request, env: Environment, line: string | undefined): Response {
  const origins = parseOrigins(env);
  const policy = origins && compileCors({ origins });
  if (request.method === "OPTIONS") return preflight(request, policy);
  const response = refusalResponse(new Refusal("edge_misconfigured", line === undefined ? {} : { detail: line }));
  setCors(response.headers, policy, request.headers.get("origin"));
  return response;
}
