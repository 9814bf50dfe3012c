/**
 * The policy that counts.
 *
 * @module
 */
import { Refusal } from "../errors.ts";
import type { Admit, AdmitCall } from "../ports.ts";
import { type Signals, within } from "../trust.ts";
import type { Limiter, Taken } from "./limiters.ts";
import { ADMITTED, isOwn } from "./policies.ts";

/** What {@link rateLimit} can be told. */
export interface RateLimitOptions {
  /**
   * What is counted together: the name of a signal such as `ja4`, `session` for the chat, several of them, or
   * a function that gives a key, or `undefined` for what is not counted. Callers without such a signal are
   * counted together. By signals the app's own server is not counted, and by `session` no request for a pass
   * is, since anybody may name any chat there. Nobody has verified the caller's token by then, so whoever knows
   * a chat's id can use up what is counted by `session` alone: add a signal of the caller's.
   */
  key: string | readonly string[] | ((signals: Signals | null, call: AdmitCall) => string | undefined);
  /** What counts. */
  limiter: Limiter;
  /** What is counted. Default: creations, messages and requests for a pass, all by one count. */
  uses?: readonly AdmitCall["use"][];
  /** What to do where the limiter fails: 503 `edge_trust_unavailable` (the default), or let in. */
  whenUnavailable?: "refuse" | "admit";
  /** How long the limiter may take, in milliseconds. Default 1000. */
  timeoutMs?: number;
}

/** A key no longer than this goes to the limiter as it is; stores have limits, and ids are the client's to choose. */
const KEY_CHARACTERS = 200;

/** Refuses who calls too often (429 `edge_admit_rate_limited`, with a `Retry-After`). */
export function rateLimit(options: RateLimitOptions): Admit {
  const { key, limiter, uses, whenUnavailable = "refuse", timeoutMs = 1_000 } = options;
  const keyOf = typeof key === "function" ? key : keyReader(typeof key === "string" ? [key] : key);
  if (typeof limiter?.take !== "function") throw unusable("limiter", "a limiter, such as memoryLimiter(…)");
  if (!(timeoutMs > 0)) throw unusable("timeoutMs", "a number of milliseconds above 0");
  if (whenUnavailable !== "refuse" && whenUnavailable !== "admit") {
    throw unusable("whenUnavailable", '"refuse" or "admit"');
  }
  return async (signals, call) => {
    if (uses !== undefined && !uses.includes(call.use)) return ADMITTED;
    const value = keyOf(signals, call);
    if (value === undefined) return ADMITTED;
    let taken: Taken;
    try {
      taken = await within(limiter.take(await fit(value), call), timeoutMs);
    } catch (cause) {
      if (whenUnavailable === "admit") return ADMITTED;
      throw new Refusal("edge_trust_unavailable", { cause: new Error("the rate limiter failed", { cause }) });
    }
    return taken.within
      ? ADMITTED
      : { admit: false, reason: "rate_limited", retryAfterSeconds: taken.retryAfterSeconds };
  };
}

function keyReader(names: readonly string[]): (signals: Signals | null, call: AdmitCall) => string | undefined {
  if (!Array.isArray(names) || names.length === 0 || names.some((name) => typeof name !== "string" || name === "")) {
    throw unusable("key", "the name of a signal, `session`, a list of them, or a function");
  }
  const bySession = names.includes("session");
  const bySignals = names.some((name) => name !== "session");
  return (signals, call) => {
    if (bySession && call.chat === undefined || bySignals && isOwn(call)) return undefined;
    // As JSON no value can be written so that it reads as two.
    return JSON.stringify(names.map((name) => [name, name === "session" ? call.chat : signals?.[name] ?? null]));
  };
}

async function fit(key: string): Promise<string> {
  if (key.length <= KEY_CHARACTERS) return key;
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key)));
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function unusable(option: string, mend: string): TypeError {
  return new TypeError(`Cannot use option \`${option}\` of rateLimit(): give ${mend}`);
}
