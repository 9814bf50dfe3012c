/**
 * Which runtime this is, for what differs between them in cost or in faults, and in nothing that is decided.
 *
 * @module
 */

/** `navigator.userAgent` is how a runtime names itself (WinterTC Minimum Common API). */
export const RUNTIME: string = globalThis.navigator?.userAgent ?? "";
