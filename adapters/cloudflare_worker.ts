/**
 * The ready Worker of `cloudflare.ts`, without the provider for Workers of your own: what is deployed is one
 * bundle, and this is the smallest.
 *
 * @module
 */
import { configure } from "../src/options.ts";
import { proxyOf } from "../src/proxy.ts";
import { REFERENCE_READER } from "./_cloudflare_reference.ts";
import { readSettings } from "./_settings.ts";
import { EnvironmentError, valueOf } from "./_variables.ts";
import { type CloudflareWorker, createWorker, WORKER_DEFAULTS } from "./_worker.ts";

export type { CloudflareWorker } from "./_worker.ts";

/** Configured by its variables and secrets. A Worker that cannot be answers 500 `edge_misconfigured` and says why. */
const worker: CloudflareWorker = /* @__PURE__ */ createWorker((env) => {
  // A key alone asks for a seal, too.
  for (const [name, sign] of [["EDGE_SEAL", "EDGE_SEAL_KEY"], ["EDGE_LOG", ""]] as const) {
    if ((valueOf(env, name) ?? valueOf(env, sign) ?? "none") !== "none") {
      throw new EnvironmentError(`${name}: this Worker has none; use edgestamp/cloudflare-sealed, or set none`);
    }
  }
  return proxyOf(configure(readSettings(env, WORKER_DEFAULTS).options), REFERENCE_READER);
});

export default worker;
