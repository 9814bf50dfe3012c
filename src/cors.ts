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

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";

/** What the proxy needs to answer CORS, compiled once. */
export interface CorsPolicy {
  readonly any: boolean;
  readonly exact: ReadonlySet<string>;
  readonly wildcards: readonly RegExp[];
  readonly maxAgeSeconds: number;
}

/** Compiles the options. They were validated before. */
export function compileCors({ origins, maxAgeSeconds = 600 }: CorsOptions): CorsPolicy {
  const listed = origins === "*" ? [] : origins;
  return {
    any: origins === "*",
    exact: new Set(listed.filter((origin) => !origin.includes("*"))),
    wildcards: listed.filter((origin) => origin.includes("*")).map(toPattern),
    maxAgeSeconds,
  };
}

function toPattern(origin: string): RegExp {
  const [before, after] = origin.split("*") as [string, string];
  const literal = (part: string): string => part.replace(/[.+?^${}()|[\]\\/]/g, "\\$&");
  return new RegExp(`^${literal(before)}[a-z0-9-]+(?:\\.[a-z0-9-]+)*${literal(after)}$`);
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

function allows({ exact, wildcards }: CorsPolicy, origin: string): boolean {
  return exact.has(origin) || wildcards.some((pattern) => pattern.test(origin));
}
