/**
 * Verdicts, and what asks for one.
 *
 * @module
 */
import { Refusal } from "../errors.ts";
import type { Platform, Signals } from "../trust.ts";
import { unusable } from "./checks.ts";
import { NoAnswer, Refused } from "./failures.ts";

/**
 * What a captcha service said about a solved challenge. A stamp carries it as the signal `verdict`.
 * Times are seconds since 1970.
 */
export type Verdict = {
  /** The service: `turnstile`, `recaptcha` or `hcaptcha`. */
  readonly provider: string;
  /** 0 is a bot, 1 is a human, whatever the direction of the service; 1 where it has no score and the challenge was solved. */
  readonly score: number;
  /** The service's own score; `null` where it has none. */
  readonly raw: number | null;
  /** The page on which it was solved. */
  readonly hostname?: string;
  /** The action that the page named, where the service knows actions. */
  readonly action?: string;
  /** The service's reasons for its score. */
  readonly reasons?: readonly string[];
  /** When it was solved. */
  readonly at: number;
};

/** The request that came with the captcha's token. Its body is already used. */
export interface VerdictCall {
  /** The request for a pass. */
  readonly request: Request;
  /** What the runtime gave beside it. */
  readonly platform: Platform | undefined;
  /** The live signals of the caller. */
  readonly signals: Signals | null;
}

/** Asks a captcha service about a token. */
export interface VerdictProvider {
  /** The service, as verdicts and failures name it. */
  readonly name: string;
  /** The verdict; `null` where there is none and the options say that this is no reason to refuse. Throws a `Refusal`. */
  verify(token: string, call: VerdictCall): Promise<Verdict | null>;
}

/** What every captcha service can be told. */
export interface VerdictOptions {
  /** The names of the pages on which the challenge may be solved, such as `app.example.com`. */
  hostnames: readonly string[];
  /**
   * What it means that there is no verdict, because the service refuses the token or does not answer:
   * no pass (`refuse`, the default: 403 `edge_admit_challenge`, 503 `edge_trust_unavailable`), or a pass
   * without one (`null`).
   */
  onFailure?: "refuse" | "null";
  /** How long one attempt may take, in milliseconds. Default 5000. */
  timeoutMs?: number;
  /** The caller's address, for the service to look at. Default: none is sent. */
  clientIp?: (call: VerdictCall) => string | undefined;
  /** Where the service answers, for tests. */
  endpoint?: string | URL;
}

/** What one service asks and how it reads the answer; the rest is the same for all. */
export interface Service {
  readonly name: string;
  /** How often it may be asked about one token: services count the first answer, also one that got lost. */
  readonly attempts: number;
  /** The request about a token. Called once for each token, so that what makes it idempotent is the same for each attempt. */
  ask(token: string, call: VerdictCall): { readonly url: string; readonly init: RequestInit };
  /** Reads an answer. Throws {@link Refused} for a token that is not good, {@link NoAnswer} for an answer that is none. */
  read(answer: Readonly<Record<string, unknown>>, nowSeconds: number): Verdict;
}

/** How long one attempt may take where the options name no other. */
const DEFAULT_TIMEOUT_MS = 5_000;

/** The longest token that is asked about: those of hCaptcha have been seen above 4,000 characters, Google names no end. */
const TOKEN_CHARACTERS = 12_000;

/** Makes a provider of a service. Throws a `TypeError` of one line for options that cannot be used. */
export function toProvider(service: Service, options: Omit<VerdictOptions, "endpoint">): VerdictProvider {
  const { onFailure = "refuse", timeoutMs = DEFAULT_TIMEOUT_MS } = options;
  if (!(timeoutMs > 0)) throw new TypeError(unusable(service.name, "timeoutMs", "a number of milliseconds above 0"));
  if (onFailure !== "refuse" && onFailure !== "null") {
    throw new TypeError(unusable(service.name, "onFailure", '"refuse" or "null"'));
  }
  return {
    name: service.name,
    async verify(token, call) {
      try {
        if (token === "" || token.length > TOKEN_CHARACTERS) throw new Refused("the token has no usable length");
        return await verify(service, token, call, timeoutMs);
      } catch (error) {
        if (onFailure === "null") return null;
        const cause = new Error(`the captcha service ${service.name} gave no verdict`, { cause: error });
        throw new Refusal(error instanceof Refused ? "edge_admit_challenge" : "edge_trust_unavailable", { cause });
      }
    },
  };
}

async function verify(service: Service, token: string, call: VerdictCall, timeoutMs: number): Promise<Verdict> {
  const { url, init } = service.ask(token, call);
  for (let attempt = 1;; attempt++) {
    try {
      return service.read(await fetchAnswer(url, init, timeoutMs), Math.floor(Date.now() / 1000));
    } catch (error) {
      const mayAgain = error instanceof NoAnswer && error.passing && attempt < service.attempts;
      if (!mayAgain) throw error;
    }
  }
}

async function fetchAnswer(url: string, init: RequestInit, timeoutMs: number): Promise<Record<string, unknown>> {
  let response: Response;
  let answer: unknown;
  try {
    response = await fetch(url, { ...init, redirect: "manual", signal: AbortSignal.timeout(timeoutMs) });
    answer = await response.json();
  } catch (cause) {
    // The runtimes' own errors may hold the URL, and so a key: only their kind is told.
    throw new NoAnswer(`no JSON came back in time (${(cause as Error).name})`, { passing: true });
  }
  if (typeof answer !== "object" || answer === null) throw new NoAnswer("the answer is no object", { passing: false });
  if (response.status >= 500 || response.status === 429) {
    throw new NoAnswer(`the answer is ${response.status}`, { passing: true });
  }
  return answer as Record<string, unknown>;
}
