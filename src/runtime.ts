/**
 * Which runtime this is, for what differs between them in cost or in faults, and in nothing that is decided.
 *
 * @module
 */

/** `navigator.userAgent` is how a runtime names itself (WinterTC Minimum Common API). */
export const RUNTIME: string = globalThis.navigator?.userAgent ?? "";

/**
 * Whether the objects of the Fetch Standard are written in JavaScript. Headers then cost more to copy than to read into
 * a list, three times as much in Deno, and a large body is sent for half as much in pieces as in one, which is copied.
 * Where they are the runtime's own (Bun, workerd), it is the other way round.
 */
export const IS_SCRIPTED: boolean = /^(?:Node\.js|Deno)/.test(RUNTIME);
