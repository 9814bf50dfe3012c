/**
 * A request as a whole, as observers are told of it.
 *
 * @module
 */
import type { RefusalCode } from "../errors.ts";
import type { EventBase } from "../events.ts";

/**
 * How a request ended: `stamped` and forwarded, only `forwarded`, `refused`, `failed`; `left`, where its caller was gone
 * before the upstream answered; or `own`, where the proxy itself had the answer (preflights, passes, keys, health).
 */
export type Decision = "stamped" | "forwarded" | "refused" | "failed" | "left" | "own";

/** One request. Nothing in it is a part of a body, a token, a key, an address or a path. */
export interface Answered extends EventBase {
  /** Its own id: made here, and told to the caller as `x-edge-request-id`. */
  readonly requestId: string;
  /** The trace that a valid `traceparent` names: 32 hexadecimal digits, which the caller chose. */
  readonly traceId?: string;
  readonly decision: Decision;
  /** The status of the answer. */
  readonly status: number;
  /** Why it was refused or failed. */
  readonly code?: RefusalCode;
  /** Milliseconds from the request's head until the answer's. What streams after that is not counted. */
  readonly durationMs: number;
  /** Milliseconds that reading the signals took. */
  readonly trustMs?: number;
  /** Milliseconds until the upstream began its answer, all attempts together, or until it was given up. */
  readonly upstreamMs?: number;
  /** The size of what was stamped, as it went upstream. */
  readonly bodyBytes?: number;
  /**
   * What went wrong, where something failed. It may hold what a provider or a runtime put into an error, such as the
   * upstream's URL: it is not enumerable, so what prints or copies this leaves it out.
   */
  readonly cause?: unknown;
}

/** Is told of each request when its answer is about to begin. One that throws changes nothing. */
export type Observer = (answered: Answered) => void;
