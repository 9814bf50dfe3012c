/**
 * What the core takes from the web platform and Fastly's JavaScript runtime does not have
 * (`@fastly/js-compute` 3.46, measured): `URL.canParse`, `AbortController`, and a `fetch` that heeds a
 * signal and a length. Only what is missing is put in place.
 *
 * @module
 */

class Signal extends EventTarget {
  aborted = false;
  reason: unknown = undefined;

  static timeout(ms: number): Signal {
    const controller = new Controller();
    setTimeout(() => controller.abort(new DOMException("The operation timed out", "TimeoutError")), ms);
    return controller.signal;
  }
}

class Controller {
  readonly signal: Signal = new Signal();

  abort(reason: unknown = new DOMException("The operation was aborted", "AbortError")): void {
    if (this.signal.aborted) return;
    this.signal.aborted = true;
    this.signal.reason = reason;
    this.signal.dispatchEvent(new Event("abort"));
  }
}

/** Puts in place what is missing. */
export function installMissing(): void {
  const world = globalThis as unknown as { AbortController?: unknown; AbortSignal?: unknown; fetch: typeof fetch };
  URL.canParse ??= (url, base) => {
    try {
      return new URL(url, base) !== undefined;
    } catch {
      return false;
    }
  };
  if (world.AbortController !== undefined) return;
  Object.assign(world, { AbortController: Controller, AbortSignal: Signal, fetch: heeding(world.fetch) });
}

/** A request whose caller is never known to have left, where the runtime does not tell. */
export function withSignal(request: Request): Request {
  if (request.signal === undefined) Object.defineProperty(request, "signal", { value: new Signal() });
  return request;
}

/**
 * The call itself goes on where its signal aborts, which the runtime offers no way to end; nobody waits
 * for it any more.
 */
function heeding(call: typeof fetch): typeof fetch {
  return (input, init) => {
    const { signal, ...rest } = init ?? {};
    const framed = withLength(rest);
    if (signal === undefined || signal === null) return call(input, framed);
    if (signal.aborted) return Promise.reject(signal.reason);
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    return Promise.race([call(input, framed), aborted]);
  };
}

/** Fastly sends a stream in chunks, which Trigger.dev refuses, unless it is told to take the length from the headers. */
function withLength(init: RequestInit): RequestInit {
  const isFramed = init.body instanceof ReadableStream && new Headers(init.headers).has("content-length");
  return isFramed ? { ...init, manualFramingHeaders: true } as RequestInit : init;
}
