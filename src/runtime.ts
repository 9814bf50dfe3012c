/**
 * Which runtime this is, for what differs between them in cost or in faults, and in nothing that is decided.
 *
 * @module
 */

/** `navigator.userAgent` is how a runtime names itself (WinterTC Minimum Common API). */
const NAME = globalThis.navigator?.userAgent ?? "";

/** Whether it is Bun. */
export const IS_BUN: boolean = NAME.startsWith("Bun");

/** Whether it is Deno. */
export const IS_DENO: boolean = NAME.startsWith("Deno");

/** Whether it is Node. */
export const IS_NODE: boolean = NAME.startsWith("Node.js");
