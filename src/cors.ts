/**
 * CORS, answered at the proxy: for preflights and on every answer, refusals and failures included.
 * Credentials are never allowed: tokens travel in a header that scripts set themselves.
 *
 * @module
 */

/** Which pages may call the proxy from a browser. */
export interface CorsOptions {
  /** Origins as browsers send them (`https://app.example.com`), `https://*.example.com` for every name below one, or `"*"`. */
  readonly origins: readonly string[] | "*";
  /** How long a browser may remember a preflight's answer. Default 600. */
  readonly maxAgeSeconds?: number;
}

/** What is answered at all, as an `Allow` header has it. */
export const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/** What the proxy needs to answer CORS, compiled once. */
export interface CorsPolicy {
  readonly any: boolean;
  /** Each origin, split where it has a star. */
  readonly origins: readonly (readonly string[])[];
  readonly maxAgeSeconds: number;
}

/** Compiles the options. They were validated before. */
export function compileCors({ origins, maxAgeSeconds = 600 }: CorsOptions): CorsPolicy {
  return {
    any: origins === "*",
    origins: origins === "*" ? [] : origins.map((origin) => origin.split("*")),
    maxAgeSeconds,
  };
}

/** Sets the CORS headers of an answer to a page of `origin`. Without a policy there are none. */
export function setCors(headers: Headers, policy: CorsPolicy | undefined, origin: string | null): void {
  if (policy === undefined) return;
  if (policy.any) {
    headers.set("access-control-allow-origin", "*");
  } else {
    headers.append("vary", "Origin");
    if (origin === null || !allows(policy, origin)) return;
    headers.set("access-control-allow-origin", origin);
  }
  headers.set("access-control-expose-headers", "*");
}

/** Answers an OPTIONS request. */
export function preflight(request: Request, policy: CorsPolicy | undefined): Response {
  const headers = new Headers({ allow: METHODS });
  setCors(headers, policy, request.headers.get("origin"));
  if (policy !== undefined) headers.append("vary", "Access-Control-Request-Headers");
  if (policy !== undefined && headers.has("access-control-allow-origin")) {
    headers.set("access-control-allow-methods", METHODS);
    const asked = request.headers.get("access-control-request-headers");
    if (asked !== null) headers.set("access-control-allow-headers", asked);
    headers.set("access-control-max-age", String(policy.maxAgeSeconds));
  }
  return new Response(null, { status: 204, headers });
}

function allows({ origins }: CorsPolicy, origin: string): boolean {
  return origins.some(([before, after]) =>
    after === undefined ? origin === before : origin.startsWith(before!) && origin.endsWith(after) &&
      NAMES.test(origin.slice(before!.length, origin.length - after.length))
  );
}

/** What a star stands for: the names below a domain, in the only spelling that browsers send. */
const NAMES = /^[a-z0-9-]+(?:\.[a-z0-9-]+)*$/;
