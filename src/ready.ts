/**
 * Whether the proxy can do its work: what `/.edgestamp/ready` answers.
 *
 * ```ts
 * import { createProxy } from "edgestamp";
 * import { readiness } from "edgestamp/ready";
 *
 * const ready = readiness();
 * const proxy = createProxy({ trust: () => ({}), ready });
 * // When the server is told to stop, before it takes no more connections:
 * ready.stop();
 * ```
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { READY_HOLDS_MS, READY_RETRY_SECONDS, READY_TIMEOUT_MS } from "./limits.ts";
import type { Readiness } from "./ports.ts";

export { type Readiness } from "./ports.ts";

/** What {@link readiness} can be told. */
export interface ReadinessOptions {
  /** How long the upstream may take to answer, in milliseconds. Default 2000. */
  timeoutMs?: number;
  /** How long an answer holds, in milliseconds: no more than one question goes upstream in that time. Default 5000. */
  holdsMs?: number;
  /** The clock, in milliseconds. Default `Date.now`. */
  now?: () => number;
}

/** A readiness that can be ended. */
export interface EndableReadiness extends Readiness {
  /** From now on the proxy is not ready: it is being stopped. */
  stop(): void;
}

/**
 * Asks the upstream whether it is there: `HEAD /healthcheck`, without a token or anything of a caller's. Whatever it
 * answers, it is there. All who ask meanwhile wait for the same answer, which then holds for `holdsMs`; so it is for
 * servers on machines, one for each proxy. (A Worker may not keep what another request waits for.)
 */
export function readiness(options: ReadinessOptions = {}): EndableReadiness {
  const { timeoutMs = READY_TIMEOUT_MS, holdsMs = READY_HOLDS_MS, now = Date.now } = options;
  let isStopping = false;
  let asked: Promise<boolean> | undefined;
  let holdsUntil = 0;
  const ask = (upstream: string): Promise<boolean> => {
    holdsUntil = Infinity;
    return answers(upstream, timeoutMs).finally(() => holdsUntil = now() + holdsMs);
  };
  return {
    async check(upstream) {
      if (isStopping) throw notReady("it is being stopped");
      if (asked === undefined || now() >= holdsUntil) asked = ask(upstream);
      if (!await asked) throw notReady("the upstream does not answer");
    },
    stop: () => {
      isStopping = true;
    },
  };
}

function notReady(detail: string): Refusal {
  const headers = { "retry-after": String(READY_RETRY_SECONDS) };
  return new Refusal("edge_not_ready", { detail, headers });
}

async function answers(upstream: string, timeoutMs: number): Promise<boolean> {
  try {
    // The path of Trigger.dev's own check; a `HEAD` brings no body that would have to be read.
    await fetch(`${upstream}/healthcheck`, {
      method: "HEAD",
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
    return true;
  } catch {
    return false;
  }
}
