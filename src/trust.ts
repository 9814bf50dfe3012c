/**
 * Signals, and how a trust provider is read.
 *
 * @module
 */
import { Refusal } from "./errors.ts";

/** A value that JSON can carry. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

/** What the edge knows about the caller: a plain JSON object. */
export type Signals = { readonly [key: string]: Json | undefined };

/** What the runtime's own handler was given beside the request. Adapters fill it in. */
export interface Platform {
  /** Keeps the instance alive until the promise settles (Workers, Deno Deploy, Vercel, Fastly). */
  waitUntil?(promise: Promise<unknown>): void;
  /** The runtime's connection info: `Deno.ServeHandlerInfo`, Bun's server, a Fastly `FetchEvent`, … */
  info?: unknown;
  /** The runtime's bindings or environment. */
  env?: unknown;
}

/** A bare function as a trust provider. */
export type ReadSignals<S> = (request: Request, platform?: Platform) => S | Promise<S>;

/**
 * Reads the signals of one request. The request's body is already used by then; `null` says that
 * there is nothing to say. `consumes` names the request headers that are the provider's own: they
 * never go upstream.
 */
export type TrustProvider<S extends Signals | null = Signals | null> =
  | { readonly name: string; readonly consumes?: readonly string[]; read: ReadSignals<S> }
  | ReadSignals<S>;

/** A trust provider in one form, as the proxy uses it. */
export interface Reader {
  readonly name: string;
  readonly consumes: ReadonlySet<string>;
  read: ReadSignals<Signals | null>;
}

const NOTHING_CONSUMED: ReadonlySet<string> = new Set();

/** Brings both forms of a trust provider into one. Throws a `TypeError` for anything else. */
export function toReader(provider: TrustProvider): Reader {
  if (typeof provider === "function") {
    return { name: provider.name || "custom", consumes: NOTHING_CONSUMED, read: provider };
  }
  if (provider === null || typeof provider !== "object" || typeof provider.read !== "function") {
    throw new TypeError("Cannot use the trust provider: pass a function, or an object with `name` and `read`");
  }
  const consumes = provider.consumes?.length
    ? new Set(provider.consumes.map((name) => name.toLowerCase()))
    : NOTHING_CONSUMED;
  return { name: provider.name, consumes, read: (request, platform) => provider.read(request, platform) };
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
    const answer = reader.read(request, platform);
    const signals = isPromise(answer) ? await within(answer, timeoutMs) : answer;
    if (signals === null || signals === undefined) return null;
    if (isPlainObject(signals)) return signals;
  } catch (cause) {
    throw new Refusal("edge_trust_unavailable", { cause });
  }
  throw new Refusal("edge_trust_unavailable");
}

/**
 * Reads several providers side by side and merges what they say, later ones over earlier ones. One
 * that says `null` adds nothing; where all do, the answer is `null`. One that throws fails the whole.
 */
export function combine(...providers: TrustProvider[]): TrustProvider {
  const readers = providers.map(toReader);
  return {
    name: readers.map((reader) => reader.name).join("+"),
    consumes: readers.flatMap((reader) => [...reader.consumes]),
    async read(request, platform) {
      const answers = await Promise.all(readers.map((reader) => reader.read(request, platform)));
      const told = answers.filter((answer) => answer !== null && answer !== undefined);
      return told.length === 0 ? null : told.reduce<Signals>((all, next) => ({ ...all, ...next }), {});
    },
  };
}

function isPromise<T>(value: T | Promise<T>): value is Promise<T> {
  return typeof (value as Promise<T> | null)?.then === "function";
}

function isPlainObject(value: unknown): value is Signals {
  if (typeof value !== "object" || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

async function within<T>(promise: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error("the trust provider did not answer in time")), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
