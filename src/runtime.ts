/**
 * Which runtime this is, for what differs between them in cost or in faults, and in nothing that is decided.
 *
 * @module
 */

/** `navigator.userAgent` is how a runtime names itself (WinterTC Minimum Common API). */
const NAME = globalThis.navigator?.userAgent ?? "";

/** Whether the runtime is the one whose name for itself begins like this. */
export function runsOn(name: string): boolean {
  return NAME.startsWith(name);
}
