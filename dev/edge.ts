/**
 * The proxy of `npm start`, on Bun: edgestamp as it ships, with a trust provider that plays the edge. Never for
 * production: whoever calls chooses the bot score. Writes JSON lines: where it listens, then what it saw.
 */

import { parseArgs } from "node:util";
import { serve } from "../adapters/bun.ts";
import { createProxy, type Sealer } from "../mod.ts";
import { encrypted, signed } from "../src/seal.ts";
import { playedEdge } from "./edge_signals.ts";
import type { EdgeLine } from "./edge_process.ts";
import { watchProxy } from "./inspector_watch.ts";

const { values } = parseArgs({
  options: {
    upstream: { type: "string", default: "http://127.0.0.1:3030" },
    namespace: { type: "string", default: "__cf" },
    port: { type: "string", default: "3000" },
    /** Pages that may call from a browser; without any, all may. */
    origin: { type: "string", multiple: true, default: [] },
    /** `signed` or `encrypted`, with the key in `EDGE_SEAL_KEY`. */
    seal: { type: "string" },
  },
});

const say = (line: EdgeLine): void => console.log(JSON.stringify(line));
const { upstream, namespace, origin } = values;
const proxy = createProxy({
  upstream,
  namespace,
  cors: { origins: origin.length === 0 ? "*" : origin },
  trust: playedEdge,
  ...(values.seal !== undefined && { seal: sealer(values.seal, process.env["EDGE_SEAL_KEY"] ?? "") }),
});

function sealer(kind: string, key: string): Sealer {
  return kind === "encrypted" ? encrypted({ key }) : signed({ key });
}

/** The watch needs the platform of one call, and knows nothing of platforms. */
const watched: typeof proxy = {
  fetch: (request, platform) => watchProxy((seen) => proxy.fetch(seen, platform), (fact) => say({ fact }))(request),
};

try {
  const { url, stop } = await serve(watched, { host: "127.0.0.1", port: Number(values.port) });
  say({ url });
  process.once("SIGTERM", () => void stop(1_000).then(() => process.exit(0)));
} catch (error) {
  const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  console.error(taken ? `Port ${values.port} is taken: set PORT to a free one` : (error as Error).message);
  process.exit(1);
}
