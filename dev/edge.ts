/** The proxy of `npm start` as a program, on Bun. Writes JSON lines: where it listens, then what it saw. */

import { parseArgs } from "node:util";
import { serve } from "../adapters/bun.ts";
import type { EdgeLine } from "./edge_process.ts";
import { createEdgeProxy } from "./edge_proxy.ts";

const { values } = parseArgs({
  options: {
    upstream: { type: "string", default: "http://127.0.0.1:3030" },
    namespace: { type: "string", default: "__cf" },
    port: { type: "string", default: "3000" },
    origin: { type: "string", multiple: true, default: [] },
    /** `signed` or `encrypted`, with the key in `EDGE_SEAL_KEY`. */
    seal: { type: "string" },
  },
});

const say = (line: EdgeLine): void => console.log(JSON.stringify(line));
const { upstream, namespace, origin, seal } = values;
const key = process.env["EDGE_SEAL_KEY"] ?? "";
const proxy = createEdgeProxy({
  upstream,
  namespace,
  origins: origin,
  ...(seal !== undefined && { seal: { kind: seal === "encrypted" ? "encrypted" : "signed", key } }),
  note: (fact) => say({ fact }),
});

try {
  const { url, stop } = await serve(proxy, { host: "127.0.0.1", port: Number(values.port) });
  say({ url });
  process.once("SIGTERM", () => void stop(1_000).then(() => process.exit(0)));
} catch (error) {
  const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
  console.error(taken ? `Port ${values.port} is taken: set PORT to a free one` : (error as Error).message);
  process.exit(1);
}
