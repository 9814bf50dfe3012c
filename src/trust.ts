/**
 * Signals, and how a trust provider is read.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { DEFAULT_TRUST_TIMEOUT_MS } from "./limits.ts";

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What the edge knows about the caller: a plain JSON object. */
export type Signals = { readonly [key: string]: Json | undefined };

/** What the runtime's own handler was given beside the request. Adapters fill it in. */
export interface Platform {
  /** Keeps the instance alive until the promise settles (Workers, Deno Deploy, Vercel, Fastly). */
  waitUntil?(promise: Promise<unknown>): void;
  /**
   * Aborted when the server is told to stop: reads under `/realtime/` are cut then, and everything else
   * goes on. A cut, and no tidy end, because that is what Trigger.dev's clients resume after (by
   * `Last-Event-ID`); a tidy end is the end of the stream to some of them.
   */
  draining?: AbortSignal | undefined;
  /** What the runtime knows of the connection, as it gives it beside the request: an info object, a server, an event. */
  info?: unknown;
  /** The runtime's bindings or environment. */
  env?: unknown;
  /** Whether the server has as much under way as it may: the call is answered with `edge_overloaded`. */
  overloaded?: boolean;
}

/** A bare function as a trust provider. It is told how long, in milliseconds, its answer is waited for. */
export type ReadSignals<S> = (request: Request, platform?: Platform, timeoutMs?: number) => S | Promise<S>;

/**
 * Reads the signals of one request. The request's body is already used by then; `null` says that
 * there is nothing to say. `consumes` names the request headers that are the provider's own: they
 * never go upstream. `timeoutMs` is how long this provider may take, where that is not as long as
 * the option `trustTimeoutMs` says.
 */
export type TrustProvider<S extends Signals | null = Signals | null> =
  | { readonly name: string; readonly consumes?: readonly string[]; readonly timeoutMs?: number; read: ReadSignals<S> }
  | ReadSignals<S>;

/** A trust provider in one form, as the proxy uses it. */
export interface Reader {
  readonly name: string;
  readonly consumes: ReadonlySet<string>;
  readonly timeoutMs?: number | undefined;
  read: ReadSignals<Signals | null>;
}

const NOTHING_CONSUMED: ReadonlySet<string> = new Set();

/** Brings both forms of a trust provider into one. Throws a `TypeError` for anything else. */
export function toReader(provider: TrustProvider): Reader {
  if (typeof provider === "function") {
    const read: Reader["read"] = (...about) => signalsOf(provider(...about));
    return { name: provider.name || "custom", consumes: NOTHING_CONSUMED, read };
  }
  if (provider === null || typeof provider !== "object" || typeof provider.read !== "function") {
    throw new TypeError("Cannot use the trust provider: pass a function, or an object with `name` and `read`");
  }
  const consumes = provider.consumes?.length
    ? new Set(provider.consumes.map((name) => name.toLowerCase()))
    : NOTHING_CONSUMED;
  const { name, timeoutMs } = provider;
  if (timeoutMs !== undefined && !(timeoutMs > 0)) {
    throw new TypeError(`Cannot use the trust provider ${name}: give \`timeoutMs\` a number of milliseconds above 0`);
  }
  return {
    name,
    consumes,
    timeoutMs,
    read: (request, platform, withinMs) => provider.read(request, platform, withinMs),
  };
}

/** Throws for what a function that makes a provider gives: in JavaScript, `trust: socket` is taken as readily as `trust: socket()`. */
function signalsOf<T>(answer: T): T {
  if (typeof (answer as { read?: unknown } | null | undefined)?.read !== "function") return answer;
  throw new TypeError("it gave a trust provider: call it where it is named, as in `trust: socket()`");
}

/**
 * Reads the signals within `timeoutMs`. Throws `edge_trust_unavailable` when the provider throws,
 * is late, or gives something other than a plain JSON object or `null`.
 */
export async function readSignals(
  reader: Reader,
  request: Request,
  platform: Platform | undefined,
  timeoutMs: number,
): Promise<Signals | null> {
  try {
    const answer = readPlain(reader, request, platform, timeoutMs);
    return isPromise(answer) ? await answer : answer;
  } catch (cause) {
    throw new Refusal("edge_trust_unavailable", { cause });
  }
}

/**
 * Reads several providers side by side and merges what they say, later ones over earlier ones. One
 * that says `null` adds nothing; where all do, the answer is `null`. Each may take as long as its own
 * `timeoutMs`, else as long as the whole may. One that throws, is late or gives no signals fails the
 * whole, and is named in the error that `onEvent` is told.
 */
export function combine(...providers: TrustProvider[]): TrustProvider {
  const readers = providers.map(toReader);
  return {
    name: readers.map((reader) => reader.name).join("+"),
    consumes: readers.flatMap((reader) => [...reader.consumes]),
    // Each is held to its own time, so that the error can say whose ran out.
    timeoutMs: Infinity,
    async read(request, platform, timeoutMs = DEFAULT_TRUST_TIMEOUT_MS) {
      const answers = await Promise.all(readers.map((reader) => readNamed(reader, request, platform, timeoutMs)));
      const told = answers.filter((answer) => answer !== null);
      return told.length === 0 ? null : told.reduce<Signals>((all, next) => ({ ...all, ...next }), {});
    },
  };
}

async function readNamed(...[reader, ...rest]: Parameters<typeof readPlain>): Promise<Signals | null> {
  try {
    return await readPlain(reader, ...rest);
  } catch (cause) {
    throw new Error(`the trust provider ${reader.name} failed`, { cause });
  }
}

/** Reads one provider, in its own time where it has one. Throws what it throws, or an error that says what was wrong. */
function readPlain(
  reader: Reader,
  request: Request,
  platform: Platform | undefined,
  timeoutMs: number,
): Signals | null | Promise<Signals | null> {
  const ownMs = reader.timeoutMs ?? timeoutMs;
  const answer = reader.read(request, platform, ownMs === Infinity ? timeoutMs : ownMs);
  if (!isPromise(answer)) return toSignals(answer);
  return (ownMs === Infinity ? answer : within(answer, ownMs)).then(toSignals);
}

function toSignals(answer: Signals | null | undefined): Signals | null {
  if (answer === null || answer === undefined) return null;
  if (isPlainObject(answer)) return answer;
  throw new TypeError("it gave no plain object");
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | null)?.then === "function";
}

function isPlainObject(value: unknown): value is Signals {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Waits `timeoutMs` at most. Throws an error that says so. */
export async function within<T>(promise: T | Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not answer within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
