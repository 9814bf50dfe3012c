/**
 * `node:assert/strict` for a runtime that has none: the functions that the tests use, with Node's
 * meaning (https://nodejs.org/api/assert.html, strict assertion mode).
 */
import { isDeepStrictEqual } from "./deep_equal.ts";

/** What every failed assertion throws. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
  readonly code = "ERR_ASSERTION";
}

type Message = string | Error | undefined;
type Thrown =
  | RegExp
  | (new (...args: never[]) => unknown)
  | ((error: unknown) => boolean)
  | Readonly<Record<string, unknown>>;

function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value !== "object" || value === null) return String(value);
  try {
    return JSON.stringify(value, (_, inner: unknown) => typeof inner === "bigint" ? `${inner}n` : inner);
  } catch {
    return String(value);
  }
}

function fail(message?: Message, fallback = "Failed"): never {
  if (message instanceof Error) throw message;
  throw new AssertionError(message ?? fallback);
}

function ok(value: unknown, message?: Message): asserts value {
  if (!value) fail(message, `${show(value)} is not truthy`);
}

function equal(actual: unknown, expected: unknown, message?: Message): void {
  if (!Object.is(actual, expected)) fail(message, `${show(actual)} is not ${show(expected)}`);
}

function notEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (Object.is(actual, expected)) fail(message, `${show(actual)} is what it must not be`);
}

function deepEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (!isDeepStrictEqual(actual, expected)) fail(message, `${show(actual)} does not equal ${show(expected)}`);
}

function notDeepEqual(actual: unknown, expected: unknown, message?: Message): void {
  if (isDeepStrictEqual(actual, expected)) fail(message, `${show(actual)} equals what it must not`);
}

function match(text: string, pattern: RegExp, message?: Message): void {
  if (typeof text !== "string" || !pattern.test(text)) fail(message, `${show(text)} does not match ${pattern}`);
}

function doesNotMatch(text: string, pattern: RegExp, message?: Message): void {
  if (typeof text !== "string" || pattern.test(text)) fail(message, `${show(text)} matches ${pattern}`);
}

function checkThrown(error: unknown, expected: Thrown | undefined, message: Message): void {
  if (expected === undefined) return;
  if (expected instanceof RegExp) return match(String(error), expected, message);
  if (typeof expected !== "function") return checkMembers(error, expected, message);
  if (expected.prototype !== undefined && error instanceof expected) return;
  if (expected === Error || expected.prototype instanceof Error) {
    fail(message, `${show(error)} is no ${expected.name}`);
  }
  if ((expected as (error: unknown) => boolean)(error) !== true) {
    fail(message, `${show(error)} is not what was expected`);
  }
}

function checkMembers(error: unknown, expected: Readonly<Record<string, unknown>>, message: Message): void {
  const members = expected instanceof Error ? ["name", "message", ...Object.keys(expected)] : Object.keys(expected);
  for (const key of members) {
    const actual = (error as Record<string, unknown>)[key];
    const wanted = expected[key];
    if (wanted instanceof RegExp && typeof actual === "string") match(actual, wanted, message);
    else deepEqual(actual, wanted, message);
  }
}

function throws(run: () => unknown, expected?: Thrown | string, message?: Message): void {
  const told = typeof expected === "string" ? expected : message;
  try {
    run();
  } catch (error) {
    return checkThrown(error, typeof expected === "string" ? undefined : expected, told);
  }
  fail(told, "Missing expected exception");
}

async function rejects(
  run: Promise<unknown> | (() => Promise<unknown>),
  expected?: Thrown | string,
  message?: Message,
): Promise<void> {
  const told = typeof expected === "string" ? expected : message;
  try {
    await (typeof run === "function" ? run() : run);
  } catch (error) {
    return checkThrown(error, typeof expected === "string" ? undefined : expected, told);
  }
  fail(told, "Missing expected rejection");
}

function doesNotThrow(run: () => unknown): void {
  run();
}

async function doesNotReject(run: Promise<unknown> | (() => Promise<unknown>)): Promise<void> {
  await (typeof run === "function" ? run() : run);
}

const assert = Object.assign((value: unknown, message?: Message): asserts value => ok(value, message), {
  AssertionError,
  ok,
  equal,
  notEqual,
  deepEqual,
  notDeepEqual,
  match,
  doesNotMatch,
  throws,
  rejects,
  doesNotThrow,
  doesNotReject,
  fail,
  strictEqual: equal,
  notStrictEqual: notEqual,
  deepStrictEqual: deepEqual,
  notDeepStrictEqual: notDeepEqual,
});

export default assert;
