/**
 * Who gets in at all: policies for the option `admit`, which decide before a run is paid for.
 *
 * ```ts
 * import { createProxy } from "edgestamp";
 * import { all, challengeBelow, memoryLimiter, minimumBotScore, rateLimit } from "edgestamp/admit";
 *
 * const proxy = createProxy({
 *   trust: () => ({ botScore: 42, ja4: "t13d1516h2_8daaf6152771_b186095e22b6" }),
 *   admit: all(
 *     minimumBotScore(2),
 *     rateLimit({ key: "ja4", limiter: memoryLimiter({ limit: 30, windowSeconds: 60 }) }),
 *     challengeBelow(30, { challenge: { siteKey: "0x4AAAAAAA…" } }),
 *   ),
 * });
 * ```
 *
 * @module
 */
export {
  all,
  allowCountries,
  challengeBelow,
  type ChallengeOptions,
  type CountryOptions,
  minimumBotScore,
  type MinimumOptions,
  type ReadScore,
  type ScoreOptions,
} from "./admit/policies.ts";
export { rateLimit, type RateLimitOptions } from "./admit/rate_limit.ts";
export {
  cloudflareLimiter,
  type CloudflareLimiterOptions,
  type FlexibleLimiter,
  flexibleLimiter,
  type Limiter,
  memoryLimiter,
  type MemoryLimiterOptions,
  type Taken,
} from "./admit/limiters.ts";
export { type Json, type Platform, type Signals } from "./trust.ts";
export { type Caller } from "./tokens.ts";
export { type Admit, type AdmitCall, type AdmitVerdict, type Via } from "./ports.ts";
