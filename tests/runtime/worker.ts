/** A proxy under test as a Worker. Its options are a binding. */
import type { Proxy } from "../../mod.ts";
import { type TestOptions, testProxy } from "./test_proxies.ts";

interface Env {
  readonly OPTIONS: TestOptions;
}

interface Context {
  waitUntil(promise: Promise<unknown>): void;
}

const proxies = new WeakMap<object, Proxy>();

export default {
  fetch(request: Request, env: Env, context: Context): Promise<Response> {
    let proxy = proxies.get(env);
    if (proxy === undefined) proxies.set(env, proxy = testProxy(env.OPTIONS));
    return proxy.fetch(request, { env, waitUntil: (promise) => context.waitUntil(promise) });
  },
};
