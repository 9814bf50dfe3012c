/** The whole way on one machine: a raw socket, a proxy on a real server, and the stack behind it. */
import { serve } from "srvx/node";
import { createProxy, type GuardSetting, type Options } from "../../mod.ts";
import { NAMESPACE, STAMP } from "../unit/properties/through_proxy.ts";
import { type RemixUpstream, startRemixUpstream } from "./remix_upstream.ts";
import { SECRET_KEY } from "./spellings.ts";

/** Every guard setting. */
export const GUARDS: readonly GuardSetting[] = ["standard", "chat", "off"];

/** A proxy with one guard setting, and the stack that is its alone: what arrives late is judged by the same rules. */
export interface Place {
  readonly guard: GuardSetting;
  readonly port: number;
  readonly stack: RemixUpstream;
}

/** A place for each guard setting. */
export interface Harness {
  at(guard: GuardSetting): Place;
  close(): Promise<void>;
}

/** Starts a proxy for each guard setting, each before its own stack. */
export async function startHarness(options: Options = {}): Promise<Harness> {
  const places = await Promise.all(GUARDS.map(async (guard) => {
    const stack = await startRemixUpstream([SECRET_KEY]);
    const proxy = createProxy({ upstream: stack.origin, namespace: NAMESPACE, guard, ...options, trust: () => STAMP });
    const server = serve({
      fetch: (request) => proxy.fetch(request),
      port: 0,
      hostname: "127.0.0.1",
      silent: true,
      gracefulShutdown: false,
    });
    await server.ready();
    return { guard, server, stack, port: Number(new URL(server.url!).port) };
  }));
  return {
    at: (guard) => places.find((place) => place.guard === guard)!,
    close: async () => {
      await Promise.all(places.map(({ server }) => server.close(true)));
      await Promise.all(places.map(({ stack }) => stack.close()));
    },
  };
}
