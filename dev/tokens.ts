/** Who calls, and what their token allows: the secret key, or a public token that the upstream (or the SDK) signed. */

import { jwtVerify, SignJWT } from "jose";

const ISSUER = "https://id.trigger.dev";
const AUDIENCE = "https://api.trigger.dev";

/** What a resource is called in a scope: `read:sessions:chat-1` is the action `read` on this type and id. */
export interface Resource {
  readonly type: "sessions" | "tasks" | "runs" | "tags" | "batch" | "waitpoints" | "inputStreams";
  readonly id?: string;
}

/** What may be done to it. A token that may write a task may also trigger it, and not the other way round. */
export type Action = "read" | "write" | "trigger" | "batchTrigger" | "admin";

/** A caller who was let in. The secret key is `private` and may do everything. */
export type Caller = { readonly kind: "private" } | PublicCaller;

export interface PublicCaller {
  readonly kind: "public";
  readonly scopes: readonly string[];
  /** The token itself, where it is good for one use only. */
  readonly oneTimeToken: string | undefined;
  /** Columns that a subscriber with this token does not get. */
  readonly skipColumns: readonly string[] | undefined;
}

/** The keys of the one environment that this upstream has. */
export interface Environment {
  readonly id: string;
  readonly secretKey: string;
}

/** What a public token may do, and from when. */
export interface MintOptions {
  readonly scopes: readonly string[];
  /** As jose takes it: `"1h"`, or seconds since the epoch. */
  readonly expiresAt?: string | number;
  readonly now: Date;
  /** Further claims. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Signs a public token with the environment's secret key, as the server and the SDK do. */
export async function mintPublicToken(environment: Environment, options: MintOptions): Promise<string> {
  const issuedAt = Math.floor(options.now.getTime() / 1000);
  return new SignJWT({ sub: environment.id, pub: true, scopes: [...options.scopes], ...options.claims })
    .setProtectedHeader({ alg: "HS256" })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(options.expiresAt ?? issuedAt + 3600)
    .sign(new TextEncoder().encode(environment.secretKey));
}

/** The token of the session's owner: read and write, one hour. */
export function mintSessionToken(environment: Environment, sessionKey: string, now: Date): Promise<string> {
  return mintPublicToken(environment, { scopes: [`read:sessions:${sessionKey}`, `write:sessions:${sessionKey}`], now });
}

/** Reads `Authorization`; a string is the sentence of the 401. The scheme is case-sensitive, and may be missing. */
export async function authenticate(environment: Environment, request: Request, now: Date): Promise<Caller | string> {
  const token = (request.headers.get("authorization") ?? "").replace(/^Bearer /, "").trim();
  if (token === "") return "Invalid or Missing API key";
  if (token === environment.secretKey) return { kind: "private" };
  if (token.split(".").length !== 3) return "Invalid API Key";
  try {
    const key = new TextEncoder().encode(environment.secretKey);
    const { payload } = await jwtVerify(token, key, { issuer: ISSUER, audience: AUDIENCE, currentDate: now });
    if (payload["pub"] !== true || payload.sub !== environment.id) return "Invalid Public Access Token";
    const { skipColumns } = (payload["realtime"] ?? {}) as { skipColumns?: unknown };
    return {
      kind: "public",
      scopes: strings(payload["scopes"]),
      oneTimeToken: payload["otu"] === true ? token : undefined,
      skipColumns: skipColumns === undefined ? undefined : strings(skipColumns),
    };
  } catch {
    return "Public Access Token is invalid";
  }
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** May the caller do `action` on one of these? A scope without an id covers all of its type. */
export function may(caller: Caller, action: Action, resources: readonly Resource[]): boolean {
  if (caller.kind === "private") return true;
  const actions: readonly Action[] = action === "trigger" || action === "batchTrigger" ? [action, "write"] : [action];
  return caller.scopes.some((scope) =>
    resources.some((resource) => actions.some((name) => covers(scope, name, resource)))
  );
}

/** May the caller do `action` on each of these? */
export function mayAll(caller: Caller, action: Action, resources: readonly Resource[]): boolean {
  return resources.every((resource) => may(caller, action, [resource]));
}

function covers(scope: string, action: Action, resource: Resource): boolean {
  const [scopeAction, type, ...rest] = scope.split(":");
  if (scopeAction === "admin" && type === undefined) return true;
  if (scopeAction !== action && scopeAction !== "*") return false;
  if (type === "all") return true;
  // An id may itself hold colons, so everything after the type is the id.
  const id = rest.join(":");
  return type === resource.type && (id === "" || id === resource.id);
}
