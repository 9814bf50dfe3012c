/**
 * The platforms' own objects, as far as the adapters read them. Written by hand: the platforms' type
 * packages declare globals, and a published declaration that named one would break whoever has another.
 *
 * @module
 */

/** Environment variables, or a Worker's bindings. */
export type Environment = Readonly<Record<string, unknown>>;

/** A Worker's third argument (https://developers.cloudflare.com/workers/runtime-apis/context/). */
export interface WorkerContext {
  waitUntil(promise: Promise<unknown>): void;
}

/**
 * The second argument of Deno's serve handler. Its members are getters on the prototype: a copy made
 * by spreading has none of them.
 */
export interface DenoServeInfo {
  readonly remoteAddr: { readonly transport: string; readonly hostname?: string; readonly port?: number };
  /** When the answer was sent, or given up. Whoever calls the handler in Deno's stead may give none. */
  readonly completed?: Promise<void>;
}

/** The second argument of Bun's serve handler (https://bun.com/reference/bun/Server). */
export interface BunServer {
  readonly url: URL;
  readonly port?: number | undefined;
  readonly pendingRequests: number;
  requestIP(request: Request): { readonly address: string } | null;
  /** How long the request's connection may be idle; 0 is without end. */
  timeout(request: Request, seconds: number): void;
  stop(closeActiveConnections?: boolean): Promise<void>;
}

/** A request of Node's http server. */
export interface NodeRequest {
  readonly httpVersionMajor: number;
  readonly socket: { readonly remoteAddress?: string | undefined };
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** A response of Node's http server. */
export interface NodeResponse {
  readonly headersSent: boolean;
  readonly writableEnded: boolean;
  once(event: "close", listener: () => void): unknown;
  flushHeaders(): void;
}
