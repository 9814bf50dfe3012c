/**
 * The ready Worker of `cloudflare.ts` with seals and logs: `EDGE_SEAL`, `EDGE_SEAL_KEY` and `EDGE_LOG` have their
 * meaning here. A file of its own, because a Worker is one bundle, and whoever needs neither should not carry them.
 *
 * @module
 */
import { createProxy } from "../src/proxy.ts";
import { readEnvironment } from "./_environment.ts";
import { withSeal } from "./_seal.ts";
import { watching } from "./_watching.ts";
import { type CloudflareWorker, createWorker, WORKER_DEFAULTS } from "./_worker.ts";
import { cloudflare } from "./cloudflare.ts";

export type { CloudflareWorker } from "./_worker.ts";

/** Configured by its variables and secrets, as the Worker of `cloudflare.ts`. */
const worker: CloudflareWorker = /* @__PURE__ */ createWorker(async (env) => {
  const setup = readEnvironment(env, WORKER_DEFAULTS);
  return createProxy({ ...await withSeal(setup), ...watching(setup), trust: cloudflare() });
});

export default worker;
