/**
 * Every limit, with its unit in the name and its reason beside it.
 *
 * @module
 */

/** How much, how deep and how long: what the proxy accepts and waits for. */
export interface Limits {
  /**
   * Largest head, as characters of the URL and of all header fields. Trigger.dev's own server (Node's) takes 16 KiB, but
   * never gets the cookies and the edge's own headers; Node and Bun answer 431 themselves from 16 KiB on.
   */
  headBytes: number;
  /** Largest body of a session create, before and after stamping. The upstream accepts 32 KiB. */
  createBodyBytes: number;
  /** Largest body of an append, before and after stamping. The upstream accepts 1 MiB. */
  appendBodyBytes: number;
  /** Largest body of a public token that is held for the tripwire's search; it is in memory meanwhile. */
  heldBodyBytes: number;
  /** Deepest nesting of a stamped body. Chat messages stay under 20; runtimes differ on what they survive. */
  nestingDepth: number;
  /** How long a whole request body may take to arrive where the proxy has to hold it. */
  bodyTimeoutMs: number;
  /** How long the upstream may take to begin its answer. Reads under `/realtime/` are not held to it. */
  upstreamTimeoutMs: number;
}

/** The limits where the options name none. */
export const DEFAULT_LIMITS: Readonly<Limits> = {
  headBytes: 32 * 1024,
  createBodyBytes: 32 * 1024,
  appendBodyBytes: 1024 * 1024,
  heldBodyBytes: 4 * 1024 * 1024,
  nestingDepth: 256,
  bodyTimeoutMs: 30_000,
  upstreamTimeoutMs: 30_000,
};

/** How long a trust provider may take where the options name no other: a lookup, never a page load. */
export const DEFAULT_TRUST_TIMEOUT_MS = 2_000;

/** When a caller may come back whose request was one too many: short requests end within less. */
export const OVERLOADED_RETRY_SECONDS = 1;

/** How long the upstream may take to answer whether it is there, and how long that answer holds for all who ask. */
export const READY_TIMEOUT_MS = 2_000;
export const READY_HOLDS_MS = 5_000;

/** When to ask again whether a proxy is ready that was not: when its last answer no longer holds. */
export const READY_RETRY_SECONDS = 5;

/** How deep JSON inside strings is followed: a reader that parses more than three times is not known. */
export const STRING_DEPTH = 3;

/**
 * How often an append is tried in all when no answer began, under the same `X-Part-Id` and within the one
 * `upstreamTimeoutMs`: once more at once, for a connection that had died while it was kept, and once more
 * after {@link APPEND_PAUSE_MS}, for an upstream that is being restarted. A create is never tried again.
 */
export const APPEND_ATTEMPTS = 3;

/** How long the last attempt waits: as long as a listener is away in a restart, and too short to be felt. */
export const APPEND_PAUSE_MS = 250;
