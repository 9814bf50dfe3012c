/**
 * Watching requests: a note on each as a whole, for its line in a log and for metrics; and for its caller the id by
 * which to ask for it, and what it took.
 *
 * ```ts
 * import { createProxy } from "edgestamp";
 * import { jsonLog, watch } from "edgestamp/watch";
 *
 * const proxy = createProxy({ trust: () => ({}), watch: watch(jsonLog(console.log)) });
 * ```
 *
 * @module
 */
import type { Watcher } from "./ports.ts";
import type { Observer } from "./watch/answered.ts";
import { takeNotes } from "./watch/notes.ts";

export { type RefusalCode } from "./errors.ts";
export { type EventBase, type ProxyEvent } from "./events.ts";
export { type Watch, type Watcher } from "./ports.ts";
export { type Caller } from "./tokens.ts";
export { type Answered, type Decision, type Observer } from "./watch/answered.ts";
export { jsonLog } from "./watch/log.ts";

/** What {@link watch} can be told. */
export interface WatchOptions {
  /** Whether callers are told what their requests took (`Server-Timing`). Default `true`. */
  readonly serverTiming?: boolean;
}

/**
 * Watches requests. Each gets an id of its own, a fresh UUID whatever its caller says: an id that callers choose could be
 * that of another request. Its answer carries it as `x-edge-request-id`, and `Server-Timing` in milliseconds: `edge` for
 * the whole, `trust` for reading the signals, `upstream` until Trigger.dev began its answer. Pages that may read an answer
 * may read its timing (`Timing-Allow-Origin`).
 */
export function watch(observers: Observer | readonly Observer[], { serverTiming = true }: WatchOptions = {}): Watcher {
  const all = typeof observers === "function" ? [observers] : [...observers];
  return { watch: (request) => takeNotes(request, all, serverTiming) };
}
