/**
 * The trace that a request belongs to (W3C Trace Context, https://www.w3.org/TR/trace-context/).
 *
 * The proxy forwards a trace and takes no part in it: `traceparent` and `tracestate` go upstream as they came, valid or
 * not, for who forwards must change neither, and who reads an invalid one begins anew. None is begun here: its flags would
 * decide what the upstream samples, and Trigger.dev hangs a run under the trace that started it.
 *
 * @module
 */

/** Version, trace, parent, flags, in lower case; more fields in versions to come only (§3.2). */
const TRACEPARENT = /^(?!ff|00.{54})[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})[\da-f]{16}-[\da-f]{2}(?:-|$)/;

/** The id of the trace in a `traceparent`; `undefined` for one that is not valid. */
export function traceIdOf(traceparent: string | null): string | undefined {
  return TRACEPARENT.exec(traceparent ?? "")?.[1];
}
