/**
 * The proxy of `npm start`, on Bun: edgestamp as it ships, with a trust provider that plays the edge. Never for
 * production: whoever calls chooses the bot score.
 */

import { parseArgs } from "node:util";
import { serve } from "../adapters/bun.ts";
import { createProxy } from "../mod.ts";
import { BOT_SCORE_HEADER, edgeSignals } from "./edge_signals.ts";

const { values } = parseArgs({
  options: { upstream: { type: "string" }, namespace: { type: "string" }, port: { type: "string" } },
});

const proxy = createProxy({
  upstream: values.upstream ?? "",
  namespace: values.namespace ?? "__cf",
  cors: { origins: "*" },
  trust: {
    name: "playing the edge",
    consumes: [BOT_SCORE_HEADER],
    read: (request) => edgeSignals(Number(request.headers.get(BOT_SCORE_HEADER) ?? 95)),
  },
});
const { url, stop } = await serve(proxy, { host: "127.0.0.1", port: Number(values.port ?? 3000) });
console.log(url);

process.once("SIGTERM", () => void stop(1_000).then(() => process.exit(0)));
