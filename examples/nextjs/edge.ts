/** The proxy, on Node. In production it stands at your edge: see the other examples. */

import { createProxy } from "edgestamp";
import { serve, socket } from "edgestamp/node";
import { signed } from "edgestamp/seal";

const { EDGE_SEAL_KEY, TRIGGER_API_UPSTREAM, PAGE_ORIGIN = "http://localhost:5173", PORT = "3000" } = process.env;

const proxy = createProxy({
  trust: socket(),
  cors: { origins: [PAGE_ORIGIN] },
  ...(TRIGGER_API_UPSTREAM && { upstream: TRIGGER_API_UPSTREAM }),
  ...(EDGE_SEAL_KEY && { seal: signed({ key: EDGE_SEAL_KEY }) }),
});
const { url } = await serve(proxy, { port: Number(PORT) });
console.log(`edgestamp listens on ${url}`);
