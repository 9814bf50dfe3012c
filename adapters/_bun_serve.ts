/**
 * What `Bun.serve` is told for a proxy.
 *
 * @module
 */
import { isEventStream } from "./_event_stream.ts";
import type { BunServer } from "./_types.ts";

/** Bun's most. A connection that sends and is sent nothing for so long is closed, so that no file descriptor is lost to it. */
const IDLE_SECONDS = 255;

/** What Bun's own `Bun.serve` needs to know for a proxy. */
export interface BunServeOptions {
  /** Seconds. Event streams are excepted, one by one: they may be silent for longer between two events. */
  readonly idleTimeout: number;
  /** The proxy's own limits decide; Bun's default of 128 MB would refuse, without CORS, what a server may send. */
  readonly maxRequestBodySize: number;
  /** No page with a stack trace. */
  readonly development: false;
  /** Bun's default is `true` outside of development: two servers at one port, and neither is told of the other. */
  readonly reusePort: false;
  fetch(request: Request, server: BunServer): Promise<Response>;
}

/** The options around a handler. */
export function toServeOptions(fetch: BunServeOptions["fetch"]): BunServeOptions {
  return {
    idleTimeout: IDLE_SECONDS,
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    development: false,
    reusePort: false,
    async fetch(request, server) {
      const response = await fetch(request, server);
      if (isEventStream(response)) server.timeout(request, 0);
      return response;
    },
  };
}
