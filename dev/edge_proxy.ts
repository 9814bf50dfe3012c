/**
 * The proxy of `npm start`: edgestamp as it ships, with a trust provider that plays the edge, and eyes at its door. Never
 * for production: whoever calls chooses the bot score.
 */

import { createProxy, type Proxy, type Sealer } from "../mod.ts";
import { encrypted, signed } from "../src/seal.ts";
import { playedEdge } from "./edge_signals.ts";
import type { Fact } from "./inspector_facts.ts";
import { watchProxy } from "./inspector_watch.ts";

export interface EdgeProxyOptions {
  readonly upstream: string;
  readonly namespace: string;
  /** Pages that may call it from a browser; without any, all may. */
  readonly origins: readonly string[];
  readonly seal?: { readonly kind: "signed" | "encrypted"; readonly key: string };
  readonly note: (fact: Fact) => void;
}

export function createEdgeProxy({ upstream, namespace, origins, seal, note }: EdgeProxyOptions): Proxy {
  const proxy = createProxy({
    upstream,
    namespace,
    cors: { origins: origins.length === 0 ? "*" : origins },
    trust: playedEdge,
    ...(seal !== undefined && { seal: sealer(seal) }),
  });
  // The watch needs the platform of one call, and knows nothing of platforms.
  return { fetch: (request, platform) => watchProxy((seen) => proxy.fetch(seen, platform), note)(request) };
}

function sealer({ kind, key }: { kind: "signed" | "encrypted"; key: string }): Sealer {
  return kind === "encrypted" ? encrypted({ key }) : signed({ key });
}
