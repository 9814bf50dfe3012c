/**
 * Netlify: signals from the `context` that an Edge Function or a Function is called with, and a ready
 * one. The platform makes the context; no header of a client's is in it.
 *
 * ```ts ignore
 * export { default } from "edgestamp/netlify"; // netlify/edge-functions/edgestamp.ts
 * export const config = { path: "/*" };
 * ```
 *
 * @module
 */
import { createProxy } from "../src/proxy.ts";
import type { Platform } from "../src/trust.ts";
import { readEnvironment, withDefaults } from "./_environment.ts";
import { processEnvironment } from "./_hosted.ts";
import { parseIp } from "./_ip.ts";
import { type ReadyFetch, readyFetch } from "./_ready.ts";
import { withSeal } from "./_seal.ts";
import type { Environment } from "./_types.ts";
import { type FieldValue, toSignals } from "./signals.ts";

/** A signal of Netlify. It has no ASN, fingerprint or bot score. */
export type NetlifyField =
  | "ip"
  | "country"
  | "region"
  | "regionCode"
  | "city"
  | "postalCode"
  | "timezone"
  | "latitude"
  | "longitude";

/** The trust provider of Netlify. */
export interface NetlifyProvider {
  readonly name: string;
  readonly consumes: readonly string[];
  read(request: Request, platform?: Platform): { readonly [F in NetlifyField]?: FieldValue<F> | null };
}

/** The second argument of a function, as far as it is read (https://docs.netlify.com/edge-functions/api/). */
export interface NetlifyContext {
  readonly ip?: string;
  readonly geo?: {
    readonly city?: string;
    readonly country?: { readonly code?: string; readonly name?: string };
    readonly subdivision?: { readonly code?: string; readonly name?: string };
    readonly postalCode?: string;
    readonly latitude?: number;
    readonly longitude?: number;
    readonly timezone?: string;
  };
  waitUntil?(promise: Promise<unknown>): void;
}

/**
 * What Netlify tells a Function in headers, beside the context: tokens of the site among them, for its
 * stores, its cache and its purging, which Netlify's own bootstrap of Edge Functions leaves in place.
 */
const CONSUMED = [
  "x-nf-blobs-info",
  "x-nf-purge-api-token",
  "x-nf-pc-token",
  "x-nf-pc-url",
  "x-nf-trace-span-id",
  "x-nf-debug-logging",
  "x-nf-client-connection-ip",
  "x-nf-geo",
  "x-nf-account-id",
  "x-nf-account-info",
  "x-nf-account-tier",
  "x-nf-deploy-context",
  "x-nf-deploy-id",
  "x-nf-deploy-published",
  "x-nf-request-id",
  "x-nf-site-id",
  "x-nf-site-info",
];

/**
 * Reads signals from `platform.info`, the context of the function. A place that Netlify does not know is
 * left out. Throws where there is no context: then `onTrustError` decides.
 */
export function netlify(): NetlifyProvider {
  return {
    name: "netlify",
    consumes: CONSUMED,
    read(_request, platform) {
      const context = platform?.info as NetlifyContext | undefined;
      if (typeof context !== "object" || context === null || !("geo" in context || "ip" in context)) {
        throw new Error("netlify: there is no context; hand it on as `info`");
      }
      const { country, subdivision, city, postalCode, timezone, latitude, longitude } = context.geo ?? {};
      return toSignals({
        ip: parseIp(context.ip ?? ""),
        country: country?.code,
        region: subdivision?.name,
        regionCode: subdivision?.code,
        city,
        postalCode,
        timezone,
        latitude,
        longitude,
      });
    },
  };
}

const answer: ReadyFetch = /* @__PURE__ */ readyFetch(async (env) =>
  createProxy({ ...await withSeal(readEnvironment(env, { trusts: ["netlify"] })), trust: netlify() })
);

interface NetlifyGlobal {
  readonly Netlify?: { readonly env: { toObject(): Record<string, string> } };
}

/** A Function of either kind. */
export type NetlifyHandler = (request: Request, context: NetlifyContext) => Promise<Response>;

/**
 * Makes a function that is configured by the environment when its first request comes, and by
 * `defaults` where that sets nothing. It answers everything that it is called for.
 *
 * ```ts ignore
 * export default ready({ EDGE_SEAL: "signed" });
 * ```
 */
export function ready(defaults: Environment = {}): NetlifyHandler {
  let environment: Environment | undefined;
  return (request, context) => {
    const { Netlify } = globalThis as NetlifyGlobal;
    const env = environment ??= withDefaults(Netlify?.env.toObject() ?? processEnvironment(), defaults);
    const holds = typeof context.waitUntil === "function";
    const waitUntil = (promise: Promise<unknown>): void => context.waitUntil?.(promise);
    return answer(request, env, { info: context, env, ...(holds && { waitUntil }) });
  };
}

/** {@link ready}, by the environment alone. */
const handler: NetlifyHandler = /* @__PURE__ */ ready();

export default handler;
