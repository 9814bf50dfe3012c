/**
 * The ready Worker of `cloudflare.ts` with seals: `EDGE_SEAL` and `EDGE_SEAL_KEY` have their meaning
 * here. A file of its own, because a Worker is one bundle, and whoever needs no seal should not carry it.
 *
 * @module
 */
import { createProxy } from "../src/proxy.ts";
import { withSeal } from "./_seal.ts";
import { type CloudflareWorker, createWorker } from "./_worker.ts";
import { cloudflare } from "./cloudflare.ts";

export type { CloudflareWorker } from "./_worker.ts";

/** Configured by its variables and secrets, as the Worker of `cloudflare.ts`. */
const worker: CloudflareWorker = /* @__PURE__ */ createWorker(async (setup) =>
  createProxy({ ...await withSeal(setup), trust: cloudflare() })
);

export default worker;
