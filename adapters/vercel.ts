/**
 * Vercel: Functions on Node and Edge, and Routing Middleware. Its default export is a function for
 * `api/`, {@link middleware} the same for a file `middleware.ts`; both are configured by the
 * environment:
 *
 * ```ts ignore
 * export { default } from "edgestamp/vercel"; // api/index.ts
 * export { middleware as default } from "edgestamp/vercel"; // middleware.ts
 * ```
 *
 * @module
 */
import { createProxy } from "../src/proxy.ts";
import { readEnvironment, withDefaults } from "./_environment.ts";
import { hosted, type HostedOptions, processEnvironment } from "./_hosted.ts";
import { type ReadyFetch, readyFetch } from "./_ready.ts";
import { withSeal } from "./_seal.ts";
import { EnvironmentError } from "./_variables.ts";
import type { Environment } from "./_types.ts";
import type { HeadersProvider, Source } from "./headers.ts";

export type { HostedOptions } from "./_hosted.ts";
export type { HeadersProvider, Source } from "./headers.ts";

/** A signal of Vercel. */
export type VercelField =
  | "ip"
  | "country"
  | "regionCode"
  | "city"
  | "continent"
  | "postalCode"
  | "timezone"
  | "latitude"
  | "longitude"
  | "asn"
  | "ja3"
  | "ja4";

/** As `@vercel/functions` names them (https://vercel.com/docs/headers/request-headers). */
const MAP: Readonly<Record<VercelField, Source>> = {
  ip: "x-real-ip",
  country: "x-vercel-ip-country",
  regionCode: "x-vercel-ip-country-region",
  city: { header: "x-vercel-ip-city", as: "percent" },
  continent: "x-vercel-ip-continent",
  postalCode: "x-vercel-ip-postal-code",
  timezone: "x-vercel-ip-timezone",
  latitude: "x-vercel-ip-latitude",
  longitude: "x-vercel-ip-longitude",
  asn: "x-vercel-ip-as-number",
  ja3: "x-vercel-ja3-digest",
  ja4: "x-vercel-ja4-digest",
};

/** The deployment's own credentials among them, and a caller's for getting past its protection. */
const CONSUMED = [
  "x-vercel-protection-bypass",
  "x-vercel-trusted-oidc-idp-token",
  "x-vercel-forwarded-for",
  "x-vercel-proxied-for",
  "x-vercel-oidc-token",
  "x-vercel-proxy-signature",
  "x-vercel-proxy-signature-ts",
  "x-vercel-deployment-url",
  "x-vercel-sc-headers",
  "x-vercel-internal-ingress-bucket",
  "x-vercel-id",
];

/**
 * Reads signals from the headers that Vercel sets. They are believed where `VERCEL` is `1`, which it is
 * where the project exposes its system environment variables. With a CDN in front of Vercel they
 * describe that CDN: read what it sends with `headers` and a proof then. Vercel documents that it
 * overwrites the addresses; whether it drops a client's JA3 and JA4 where it has none of its own, it does
 * not say, so leave them out of `fields` where that matters. `asn` is read only where it is named: its
 * header is on many deployments, but not in the documentation, and where Vercel sets none it is the client's.
 *
 * Throws a `TypeError` elsewhere, and for a field that there is not.
 */
export function vercel<const F extends VercelField = Exclude<VercelField, "asn">>(
  options: HostedOptions<F> = {},
): HeadersProvider<F> {
  const documented = Object.keys(MAP).filter((field) => field !== "asn") as VercelField[];
  const host = { name: "vercel", sets: "VERCEL=1", isHere: isVercel, map: MAP, consumes: CONSUMED };
  const { fields = documented, ...rest } = options as HostedOptions<VercelField>;
  return hosted(host, { fields, ...rest }) as unknown as HeadersProvider<F>;
}

function isVercel(env: Readonly<Record<string, unknown>>): boolean {
  return env["VERCEL"] === "1";
}

/** What Vercel gives a function or middleware beside the request. */
export interface VercelContext {
  waitUntil?(promise: Promise<unknown>): void;
}

const answer: ReadyFetch = /* @__PURE__ */ readyFetch(async (env) => {
  const setup = readEnvironment(env, { trusts: ["vercel"] });
  if (!isVercel(env)) {
    throw new EnvironmentError(
      "VERCEL: is not 1; deploy to Vercel, and have the project expose its system environment variables",
    );
  }
  return createProxy({ ...await withSeal(setup), trust: vercel({ env }) });
});

/** Where the platform keeps the context of the request that is being answered, as `@vercel/functions` finds it. */
const CONTEXT = Symbol.for("@vercel/request-context");

/** A handler for Routing Middleware and for Edge Functions, and in `{ fetch }` a function of `api/`. */
export type VercelHandler = (request: Request, context?: VercelContext) => Promise<Response>;

/**
 * Makes a handler that is configured by the environment when its first request comes, and by `defaults`
 * where that sets nothing. It answers everything that it is called for.
 *
 * ```ts ignore
 * export default { fetch: ready({ EDGE_SEAL: "signed" }) }; // api/index.ts
 * ```
 */
export function ready(defaults: Environment = {}): VercelHandler {
  let environment: Environment | undefined;
  return (request, context) => {
    const env = environment ??= withDefaults(processEnvironment(), defaults);
    const store = (globalThis as { [CONTEXT]?: { get?(): VercelContext | undefined } })[CONTEXT];
    // Taken now: afterwards another request may be the one that is answered.
    const holder = typeof context?.waitUntil === "function" ? context : store?.get?.();
    const waitUntil = (promise: Promise<unknown>): void => holder?.waitUntil?.(promise);
    return answer(request, env, { info: context, env, ...(holder?.waitUntil && { waitUntil }) });
  };
}

/** {@link ready}, by the environment alone. */
export const middleware: VercelHandler = /* @__PURE__ */ ready();

/** A function of `api/`, on Node. */
const handler: { fetch(request: Request): Promise<Response> } = { fetch: (request) => middleware(request) };

export default handler;
