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
const JWT = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** `run+jwt` in base64, wherever in a group of three bytes it begins: what has none of these need not be decoded. */
const RUN_TYPE = /cnVuK2p3d|J1bitqd3|ydW4rand0/;

/** Classifies the value of an Authorization header (`null` where there is none). */
export function classify(authorization: string | null): Caller {
  if (authorization === null) return "public";
  const token = authorization.replace(SCHEME, "").trim();
  if (SECRET_KEY.test(token)) return "server";
  // A run token's `typ` is covered by its signature, so a public token cannot take it on. That it is a token at all is
  // looked at last: it takes longest, and nearly none says that it is a run's.
  return RUN_TYPE.test(token) && partOf(token, 0)?.["typ"] === "run+jwt" && JWT.test(token) ? "server" : "public";
}

/** The session ids that a token's `write:sessions:{id}` scopes name. Decoded, not verified. */
export function writableSessions(authorization: string | null): readonly string[] {
  const token = (authorization ?? "").replace(SCHEME, "").trim();
  const scopes = JWT.test(token) ? partOf(token, 1)?.["scopes"] : undefined;
  if (!Array.isArray(scopes)) return [];
  const prefix = "write:sessions:";
  return scopes
    .filter((scope): scope is string => typeof scope === "string" && scope.startsWith(prefix))
    .map((scope) => scope.slice(prefix.length));
}

const NOT_ASCII = /[^\0-\x7f]/;

function partOf(token: string, part: 0 | 1): Record<string, unknown> | undefined {
  try {
    const binary = atob(token.split(".")[part]!.replaceAll("-", "+").replaceAll("_", "/"));
    // Most are ASCII, which need not be decoded once more.
    const text = NOT_ASCII.test(binary)
      ? new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)))
      : binary;
    // What is no object has no members either.
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
