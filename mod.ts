/**
 * edgestamp: the proxy between a browser chat and Trigger.dev that writes what only the edge can
 * know into one namespaced key of the chat's metadata.
 *
 * ```ts
 * import { createProxy } from "edgestamp";
 * import { cloudflare } from "edgestamp/cloudflare";
 *
 * const proxy = createProxy({ namespace: "__cf", trust: cloudflare() });
 * export default { fetch: (request: Request): Promise<Response> => proxy.fetch(request) };
 * ```
 *
 * `cloudflare()` reads what Cloudflare knows of the caller beside the request, where no client can write. A provider of
 * your own reads from such a place, too: a bare header is whatever the caller sent.
 *
 * @module
 */
export { createFetch, createProxy, fetch, type Proxy, type ProxyFetch } from "./src/proxy.ts";
export { combine, type Json, type Platform, type ReadSignals, type Signals, type TrustProvider } from "./src/trust.ts";
export { type Options } from "./src/options.ts";
export { type CorsOptions } from "./src/cors.ts";
export { type GuardSetting } from "./src/guard.ts";
export { DEFAULT_LIMITS, type Limits } from "./src/limits.ts";
export { Refusal, type RefusalCode, type RefusalDetail, REFUSALS } from "./src/errors.ts";
export { type EventBase, type ProxyEvent } from "./src/events.ts";
export { type RouteName } from "./src/routes.ts";
export { type Caller } from "./src/tokens.ts";
export {
  type Admit,
  type AdmitCall,
  type AdmitVerdict,
  type IssuedPass,
  type PassCall,
  type Passes,
  type Readiness,
  type Resolved,
  type Sealer,
  type StampContext,
  type Via,
  type Watch,
  type Watcher,
} from "./src/ports.ts";
