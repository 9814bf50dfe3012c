/**
 * Who calls. Deny by default: a caller is a server only where its Authorization is plainly one
 * secret key or a run token; everything else (absent, garbled, doubled, a JWT) is public.
 *
 * Nothing is verified here. The upstream verifies; the proxy only decides which rules hold, so the
 * one thing that matters is that a token which works as public is never taken for a server's.
 *
 * @module
 */

/** A server with a secret key or a run token, or anybody with a public one. */
export type Caller = "server" | "public";

// The upstream takes a token with or without its scheme, and the scheme in this spelling only.
const SCHEME = /^Bearer +/;
const SECRET_KEY = /^tr_(?:dev|prod|stg|preview|pat)_(?:sk_)?[A-Za-z0-9_-]+$/;
const JWT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/;

/** Classifies the value of an Authorization header (`null` where there is none). */
export function classify(authorization: string | null): Caller {
  if (authorization === null) return "public";
  const token = authorization.replace(SCHEME, "").trim();
  if (SECRET_KEY.test(token)) return "server";
  // A run token's `typ` is covered by its signature, so a public token cannot take it on.
  return jwtPart(token, 1)?.["typ"] === "run+jwt" ? "server" : "public";
}

/** The session ids that a token's `write:sessions:{id}` scopes name. Decoded, not verified. */
export function writableSessions(authorization: string | null): readonly string[] {
  const scopes = jwtPart((authorization ?? "").replace(SCHEME, "").trim(), 2)?.["scopes"];
  if (!Array.isArray(scopes)) return [];
  const prefix = "write:sessions:";
  return scopes
    .filter((scope): scope is string => typeof scope === "string" && scope.startsWith(prefix))
    .map((scope) => scope.slice(prefix.length));
}

const NOT_ASCII = /[^\0-\x7f]/;

function jwtPart(token: string, part: 1 | 2): Record<string, unknown> | undefined {
  const encoded = JWT.exec(token)?.[part];
  if (encoded === undefined) return undefined;
  try {
    const binary = atob(encoded.replaceAll("-", "+").replaceAll("_", "/"));
    // Most are ASCII, which need not be decoded once more.
    const text = NOT_ASCII.test(binary)
      ? new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)))
      : binary;
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value as Record<string, unknown> : undefined;
  } catch {
    return undefined;
  }
}
