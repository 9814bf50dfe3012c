/** The whole way on one machine: a raw socket, a proxy on a real server, and the stack behind it. */
import { serve } from "srvx/node";
import { createProxy, type GuardSetting, type Options } from "../../mod.ts";
import { NAMESPACE, STAMP } from "../unit/properties/through_proxy.ts";
import { type RemixUpstream, startRemixUpstream } from "./remix_upstream.ts";
import { SECRET_KEY } from "./spellings.ts";

/** Every guard setting. */
export const GUARDS: readonly GuardSetting[] = ["standard", "chat", "off"];

/** Proxies before one stack. */
export interface Harness {
  readonly stack: RemixUpstream;
  /** The port of the proxy with a guard setting. */
  port(guard: GuardSetting): number;
  close(): Promise<void>;
}

/** Starts a proxy for each guard setting, all before one stack. */
export async function startHarness(options: Options = {}): Promise<Harness> {
  const stack = await startRemixUpstream([SECRET_KEY]);
  const servers = await Promise.all(GUARDS.map(async (guard) => {
    const proxy = createProxy({ upstream: stack.origin, namespace: NAMESPACE, guard, ...options, trust: () => STAMP });
    const server = serve({ fetch: (request) => proxy.fetch(request), port: 0, hostname: "127.0.0.1", silent: true, gracefulShutdown: false });
    await server.ready();
    return { guard, server, port: Number(new URL(server.url!).port) };
  }));
  return {
    stack,
    port: (guard) => servers.find((one) => one.guard === guard)!.port,
    close: async () => {
      await Promise.all(servers.map(({ server }) => server.close(true)));
      await stack.close();
    },
  };
}
