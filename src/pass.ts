/**
 * Passes: what a browser shows once, and what later calls carry in its stead.
 *
 * ```ts
 * import { createProxy } from "edgestamp";
 * import { passes } from "edgestamp/pass";
 *
 * const key = '{"kty":"oct","kid":"…","k":"…"}'; // edgestamp keygen --encrypted
 * const proxy = createProxy({
 *   trust: () => ({ country: "PT" }),
 *   pass: passes({ key, serverCalls: "require-pass" }),
 * });
 * ```
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { passBook, type PassClaims } from "./pass/token.ts";
import { readPassRequest } from "./pass/request.ts";
import type { IssuedPass, PassCall, Passes, Resolved, Via } from "./ports.ts";
import type { Key } from "./seal/keys.ts";
import type { Signals } from "./trust.ts";
import type { Verdict, VerdictProvider } from "./verdicts/provider.ts";

export { type IssuedPass, type PassCall, type Passes, type Resolved, type Via } from "./ports.ts";
export { type Caller } from "./tokens.ts";
export { type Json, type Platform, type Signals } from "./trust.ts";
export { type Key } from "./seal/keys.ts";
export { type Verdict, type VerdictCall, type VerdictProvider } from "./verdicts/provider.ts";

/** What {@link passes} can be told. */
export interface PassOptions {
  /** The secret of 256 bits, as a JWK or its JSON. Of a set (`{ "keys": [] }`) the first encrypts and all decrypt. */
  key: Key;
  /** How long a pass can be used, in seconds. Default 300. */
  ttlSeconds?: number;
  /**
   * The signals that must be the same when a browser uses a pass as when it got it. Default `["country"]`:
   * an address and its `asn` change where a phone leaves the Wi-Fi, and `ja4` with the version of HTTP.
   */
  bind?: readonly string[];
  /** Who vouches for a captcha token: from `edgestamp/verdicts`. Default: nobody, and tokens are refused. */
  verdict?: VerdictProvider;
  /** How long a verdict lasts, counted from the solved captcha, in seconds. New passes inherit it until then. Default 24 hours. */
  verdictTtlSeconds?: number;
  /**
   * What a call of the app's server is stamped with that brings no pass: the server's own signals (`own`,
   * the default, which is what Trigger.dev's page describes), `null`, or nothing, for it is refused
   * (`require-pass`).
   */
  serverCalls?: "own" | "null" | "require-pass";
  /** Adds `via` to the signals: `direct`, `pass` or `server`. Default `false`. */
  via?: boolean;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
}

const DAY_SECONDS = 24 * 60 * 60;

/**
 * Issues and reads passes. Throws a `TypeError` of one line for an option that cannot be used.
 *
 * A pass is encrypted, names one chat and lasts minutes. On a public token's call it adds its verdict to
 * the live signals and changes none of them. On a server's call its signals replace the server's.
 */
export function passes(options: PassOptions): Passes {
  const settings = check(options);
  return {
    issue: (call) => issue(settings, call),
    resolve: (pass, call) => resolve(settings, pass, call),
  };
}

type Settings = ReturnType<typeof check>;

function check(options: PassOptions) {
  const { ttlSeconds = 300, verdictTtlSeconds = DAY_SECONDS, serverCalls = "own", bind = ["country"] } = options;
  for (const [name, value] of Object.entries({ ttlSeconds, verdictTtlSeconds })) {
    if (!Number.isInteger(value) || value < 1) throw unusable(name, "a whole number of seconds above 0");
  }
  if (!["own", "null", "require-pass"].includes(serverCalls)) {
    throw unusable("serverCalls", '"own", "null" or "require-pass"');
  }
  if (!Array.isArray(bind) || bind.some((field) => typeof field !== "string")) {
    throw unusable("bind", "a list of signals' names");
  }
  const { verdict, via = false, now = Date.now } = options;
  const nowSeconds = (): number => Math.floor(now() / 1000);
  return { book: passBook(options.key), ttlSeconds, verdictTtlSeconds, serverCalls, bind, verdict, via, nowSeconds };
}

function unusable(option: string, mend: string): TypeError {
  return new TypeError(`Cannot use option \`${option}\` of passes(): give ${mend}`);
}

async function issue(settings: Settings, call: PassCall): Promise<IssuedPass> {
  const { session, captchaToken } = await readPassRequest(call.request);
  const signals = await call.signals();
  const verdict = captchaToken === undefined
    ? await inherited(settings, session, signals, call.request.headers.get("x-edge-pass"))
    : await vouched(settings, captchaToken, call, signals);
  const iat = settings.nowSeconds();
  const exp = iat + settings.ttlSeconds;
  const pass = await settings.book.make({ sub: session, iat, exp, signals, ...(verdict && { verdict }) });
  return { pass, expiresAt: new Date(exp * 1000).toISOString(), expiresInSeconds: settings.ttlSeconds };
}

async function vouched(
  { verdict }: Settings,
  captchaToken: string,
  { request, platform }: PassCall,
  signals: Signals | null,
): Promise<Verdict | undefined> {
  if (verdict === undefined) {
    throw new Refusal("edge_not_enabled", { detail: "there is nobody to ask about a captchaToken: leave it out" });
  }
  return await verdict.verify(captchaToken, { request, platform, signals }) ?? undefined;
}

/** What the browser's last pass was vouched for, though it may be over: so one captcha serves a conversation. */
async function inherited(
  settings: Settings,
  session: string,
  signals: Signals | null,
  last: string | null,
): Promise<Verdict | undefined> {
  if (!last) return undefined;
  const claims = await settings.book.open(last);
  return claims?.sub === session && changed(settings, claims, signals) === undefined
    ? lasting(settings, claims)
    : undefined;
}

async function resolve(settings: Settings, pass: string | null, call: PassCall): Promise<Resolved> {
  const isServer = call.caller === "server";
  if (!pass) return isServer ? await withoutPass(settings, call) : told(settings, await call.signals(), "direct");
  const claims = await settings.book.open(pass);
  if (claims === undefined) throw stale("it is none of this proxy's");
  if (claims.exp <= settings.nowSeconds()) throw stale("it is over");
  if (claims.sub !== call.chat) throw stale("it is for another chat");
  const verdict = lasting(settings, claims);
  if (isServer) return told(settings, claims.signals, "pass", verdict);
  const signals = await call.signals();
  const field = changed(settings, claims, signals);
  if (field !== undefined) throw stale(`the caller's ${field} has changed`);
  return told(settings, signals, "direct", verdict);
}

async function withoutPass(settings: Settings, call: PassCall): Promise<Resolved> {
  switch (settings.serverCalls) {
    case "own":
      return told(settings, await call.signals(), "server");
    case "null":
      return { signals: null, via: "server" };
    case "require-pass":
      throw stale("a server's call needs one here");
  }
}

function told({ via }: Settings, signals: Signals | null, whose: Via, verdict?: Verdict): Resolved {
  // A verdict that the live signals have, from a provider of their own, is not changed.
  const added = verdict !== undefined && signals?.["verdict"] === undefined ? { ...signals, verdict } : signals;
  return { signals: via && added !== null ? { ...added, via: whose } : added, via: whose };
}

/** The first bound signal that is not what it was. */
function changed({ bind }: Settings, claims: PassClaims, live: Signals | null): string | undefined {
  return bind.find((field) => JSON.stringify(claims.signals?.[field]) !== JSON.stringify(live?.[field]));
}

function lasting({ verdictTtlSeconds, nowSeconds }: Settings, { verdict }: PassClaims): Verdict | undefined {
  return verdict !== undefined && verdict.at + verdictTtlSeconds > nowSeconds() ? verdict : undefined;
}

function stale(detail: string): Refusal {
  return new Refusal("edge_pass_stale", { detail });
}
