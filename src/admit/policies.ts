/**
 * Policies that judge by signals.
 *
 * @module
 */
import type { Admit, AdmitCall, AdmitVerdict } from "../ports.ts";
import type { Json, Signals } from "../trust.ts";

export const ADMITTED: AdmitVerdict = { admit: true };
const FORBIDDEN: AdmitVerdict = { admit: false, reason: "forbidden" };

/** Asks one policy after the other. The first that does not let a call in decides, so the cheap ones come first. */
export function all(...policies: readonly Admit[]): Admit {
  checkPolicies(policies);
  return async (signals, call) => {
    for (const policy of policies) {
      const verdict = await policy(signals, call);
      if (!verdict.admit) return verdict;
    }
    return ADMITTED;
  };
}

/** Reads a score from the signals: the higher, the more human. `undefined` or `null` where there is none. */
export type ReadScore = (signals: Signals) => number | null | undefined;

/** What policies by score can be told. */
export interface ScoreOptions {
  /**
   * Where the score is. Default: the signal `botScore` from 1 to 99 as Cloudflare gives it, whose 0 says that
   * there is none.
   */
  read?: ReadScore;
}

/** What {@link minimumBotScore} can be told. */
export interface MinimumOptions extends ScoreOptions {
  /** What to do where there is no score. Default `refuse`. */
  whenUnknown?: "refuse" | "admit";
}

/**
 * Refuses who has a score below `score` (403 `edge_admit_forbidden`): from 1 to 99, or on the scale of `read` where that is
 * given. The app's own server is not judged. Throws a `TypeError` for a score that nobody can have.
 */
export function minimumBotScore(
  score: number,
  { read = botScore, whenUnknown = "refuse" }: MinimumOptions = {},
): Admit {
  checkScore(score, "minimumBotScore", read === botScore ? [1, 99] : undefined);
  checkChoice(whenUnknown, ["refuse", "admit"], "minimumBotScore");
  return (signals, call) => {
    if (isOwn(call)) return ADMITTED;
    const known = scoreOf(signals, read);
    return known === undefined ? decide(whenUnknown === "admit") : decide(known >= score);
  };
}

/** What {@link allowCountries} can be told. */
export interface CountryOptions {
  /** The signal that holds the country. Default `country`. */
  field?: string;
  /** What to do where there is no country. Default `refuse`. */
  whenUnknown?: "refuse" | "admit";
}

/**
 * Lets in who calls from one of `countries` (ISO 3166-1 alpha-2, such as `PT`; Cloudflare says `T1` for Tor), and refuses the others (403
 * `edge_admit_forbidden`). The app's own server is not judged.
 */
export function allowCountries(
  countries: readonly string[],
  { field = "country", whenUnknown = "refuse" }: CountryOptions = {},
): Admit {
  if (!Array.isArray(countries) || countries.length === 0 || !countries.every((code) => /^[A-Z][A-Z0-9]$/.test(code))) {
    throw new TypeError("Cannot use allowCountries(): give codes of two capitals, such as PT");
  }
  checkChoice(whenUnknown, ["refuse", "admit"], "allowCountries");
  const allowed = new Set(countries);
  return (signals, call) => {
    if (isOwn(call)) return ADMITTED;
    const country = signals?.[field];
    return typeof country !== "string" || country === ""
      ? decide(whenUnknown === "admit")
      : decide(allowed.has(country.toUpperCase()));
  };
}

/** What {@link challengeBelow} can be told. */
export interface ChallengeOptions extends ScoreOptions {
  /** What the client's `solve` is given: which captcha to show, such as `{ "siteKey": "0x4AAAAAAA…" }`. */
  challenge: Json;
  /** The least score, from 0 to 1, of a verdict that makes up for a low score or none. Default 0.5. */
  verdictScore?: number;
  /** What to do where there is no score. Default `challenge`. */
  whenUnknown?: "challenge" | "admit";
}

/**
 * Challenges who has a score below `score` and no good verdict in a pass (403 `edge_admit_challenge`): from 1 to 100, which
 * is everybody, or on the scale of `read` where that is given. Passes themselves are given without, since one is how a
 * challenge is answered. The app's own server is not judged. Throws a `TypeError` for a score outside of its scale.
 */
export function challengeBelow(score: number, options: ChallengeOptions): Admit {
  const { read = botScore, challenge, verdictScore = 0.5, whenUnknown = "challenge" } = options;
  checkScore(score, "challengeBelow", read === botScore ? [1, 100] : undefined);
  checkScore(verdictScore, "challengeBelow", [0, 1], "`verdictScore`");
  checkChoice(whenUnknown, ["challenge", "admit"], "challengeBelow");
  const challenged: AdmitVerdict = { admit: false, reason: "challenge", challenge };
  return (signals, call) => {
    if (isOwn(call) || call.use === "pass") return ADMITTED;
    const known = scoreOf(signals, read);
    if (known === undefined ? whenUnknown === "admit" : known >= score) return ADMITTED;
    return verdictOf(signals) >= verdictScore ? ADMITTED : challenged;
  };
}

/**
 * Whether the signals are those of the app's server, which says nothing about who is behind it. Who claims
 * to be a server without a key that is one gets no run, for the upstream refuses it.
 */
export function isOwn({ via }: AdmitCall): boolean {
  return via === "server";
}

function botScore({ botScore: score }: Signals): number | undefined {
  return typeof score === "number" && score > 0 ? score : undefined;
}

function scoreOf(signals: Signals | null, read: ReadScore): number | undefined {
  const score = signals === null ? undefined : read(signals);
  return typeof score === "number" && Number.isFinite(score) ? score : undefined;
}

function verdictOf(signals: Signals | null): number {
  const score = (signals?.["verdict"] as Signals | null | undefined)?.["score"];
  return typeof score === "number" ? score : -1;
}

function decide(admit: boolean): AdmitVerdict {
  return admit ? ADMITTED : FORBIDDEN;
}

/** A score outside of its scale would let everybody in, or nobody, and say nothing of it. */
function checkScore(
  score: unknown,
  policy: string,
  range?: readonly [least: number, most: number],
  what = "the score",
): void {
  const [least, most] = range ?? [-Infinity, Infinity];
  if (typeof score !== "number" || !Number.isFinite(score) || score < least || score > most) {
    const scale = range === undefined ? "" : ` from ${least} to ${most}`;
    throw new TypeError(`Cannot use ${policy}(): give ${what} as a number${scale}`);
  }
}

function checkChoice(choice: string, choices: readonly string[], policy: string): void {
  if (!choices.includes(choice)) {
    throw new TypeError(`Cannot use ${policy}(): give \`whenUnknown\` "${choices.join('" or "')}"`);
  }
}

function checkPolicies(policies: readonly unknown[]): void {
  if (policies.length === 0 || policies.some((policy) => typeof policy !== "function")) {
    throw new TypeError("Cannot use all(): give policies, such as minimumBotScore(10)");
  }
}
