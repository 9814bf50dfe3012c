/**
 * What the proxy tells `onEvent`: each decision, without bodies, tokens, keys or signals.
 *
 * @module
 */
import type { RefusalCode } from "./errors.ts";
import type { RouteName } from "./routes.ts";
import type { Caller } from "./tokens.ts";

/** What every event says. */
export interface EventBase {
  /** One of those that are proxied, `OPTIONS`, or `OTHER`. */
  readonly method: string;
  /** The route's name, never the path: ids are the app's. */
  readonly route: RouteName;
  readonly caller: Caller;
}

/** One decision about one request. A request that is stamped is later forwarded, or fails. */
export type ProxyEvent =
  /** The stamp was written. `bodyBytes` is the size of what goes upstream. */
  | EventBase & { readonly type: "stamped"; readonly bodyBytes: number }
  /** The upstream began its answer. */
  | EventBase & { readonly type: "forwarded"; readonly status: number; readonly upstreamMs: number }
  /** The request was not let through. */
  | EventBase & { readonly type: "refused"; readonly code: RefusalCode; readonly status: number }
  /** The proxy or what is behind it failed. `cause` may hold what a provider or a runtime put into it: it is not enumerable,
   * so what prints or copies an event leaves it out. */
  | EventBase & {
    readonly type: "failed";
    readonly code: RefusalCode;
    readonly status: number;
    readonly cause: unknown;
  };
