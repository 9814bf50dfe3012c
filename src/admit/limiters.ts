/**
 * What counts for a rate limit: this process, Cloudflare, or a library with a store that machines share.
 *
 * @module
 */
import type { AdmitCall } from "../ports.ts";

/** Whether one more is within the limit; where it is not, after how many seconds one will be. */
export type Taken = { readonly within: true } | { readonly within: false; readonly retryAfterSeconds: number };

/** Counts, by key. */
export interface Limiter {
  /** Takes one of what a key may have. Throws where it cannot count. */
  take(key: string, call: AdmitCall): Taken | Promise<Taken>;
}

const WITHIN: Taken = { within: true };

/** What {@link memoryLimiter} can be told. */
export interface MemoryLimiterOptions {
  /** How many a window lets in. */
  limit: number;
  /** How long a window is, in seconds. It begins with the first call of a key. */
  windowSeconds: number;
  /** How many keys are remembered at most; beyond, the oldest is forgotten. Default 100000. */
  maxKeys?: number;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
}

/** Counts in the memory of this process: for one machine, and for tests. */
export function memoryLimiter(options: MemoryLimiterOptions): Limiter {
  const { limit, windowSeconds, maxKeys = 100_000, now = Date.now } = options;
  for (const [name, value] of Object.entries({ limit, windowSeconds, maxKeys })) {
    if (!Number.isInteger(value) || value < 1) throw unusable("memoryLimiter", name, "a whole number above 0");
  }
  const windows = new Map<string, { count: number; readonly endsAt: number }>();
  return {
    take(key) {
      const time = now();
      let window = windows.get(key);
      if (window === undefined || window.endsAt <= time) {
        // Windows are all as long, so the oldest stands first and ends first.
        windows.delete(key);
        if (windows.size >= maxKeys) windows.delete(windows.keys().next().value!);
        windows.set(key, window = { count: 0, endsAt: time + windowSeconds * 1_000 });
      }
      window.count++;
      return window.count <= limit ? WITHIN : over(window.endsAt - time);
    },
  };
}

/** What {@link cloudflareLimiter} can be told. */
export interface CloudflareLimiterOptions {
  /** The binding's name in the Wrangler configuration, under `ratelimits`. */
  binding: string;
  /** The binding's `simple.period`: 10 or 60. Cloudflare says no more than that a limit is reached. */
  windowSeconds: 10 | 60;
}

/**
 * Counts on Cloudflare, for each of its locations
 * (https://developers.cloudflare.com/workers/runtime-apis/bindings/rate-limit/). The limit itself is in the
 * Wrangler configuration.
 */
export function cloudflareLimiter({ binding, windowSeconds }: CloudflareLimiterOptions): Limiter {
  if (typeof binding !== "string" || binding === "") {
    throw unusable("cloudflareLimiter", "binding", "the binding's name in the Wrangler configuration");
  }
  if (windowSeconds !== 10 && windowSeconds !== 60) {
    throw unusable("cloudflareLimiter", "windowSeconds", "10 or 60, as the binding's period");
  }
  return {
    async take(key, { platform }) {
      const bound = (platform?.env as Record<string, RateLimitBinding | undefined> | undefined)?.[binding];
      if (typeof bound?.limit !== "function") {
        throw new Error(
          `there is no rate limit bound as ${binding}: add it to \`ratelimits\` of the Wrangler configuration`,
        );
      }
      const { success } = await bound.limit({ key });
      return success ? WITHIN : over(windowSeconds * 1_000);
    },
  };
}

interface RateLimitBinding {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** A limiter of the package `rate-limiter-flexible`, as far as it is used here. */
export interface FlexibleLimiter {
  /** Resolves within the limit; rejects with `{ msBeforeNext }` over it, and with an error where the store fails. */
  consume(key: string): Promise<unknown>;
}

/**
 * Counts with a limiter of the package `rate-limiter-flexible`, which has stores for Redis, Valkey, Postgres
 * and more: machines that share a store count together. The limit and the window are its `points` and
 * `duration`.
 */
export function flexibleLimiter(limiter: FlexibleLimiter): Limiter {
  if (typeof limiter?.consume !== "function") {
    throw new TypeError(
      "Cannot use flexibleLimiter(): give a limiter of rate-limiter-flexible, such as a RateLimiterRedis",
    );
  }
  return {
    async take(key) {
      try {
        await limiter.consume(key);
        return WITHIN;
      } catch (reason) {
        // It rejects with its result where the points are used up, and with an error where the store failed.
        const waitMs = (reason as { msBeforeNext?: unknown } | null)?.msBeforeNext;
        if (reason instanceof Error || typeof waitMs !== "number") throw reason;
        return over(waitMs);
      }
    },
  };
}

function over(waitMs: number): Taken {
  return { within: false, retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)) };
}

function unusable(limiter: string, option: string, mend: string): TypeError {
  return new TypeError(`Cannot use option \`${option}\` of ${limiter}(): give ${mend}`);
}
