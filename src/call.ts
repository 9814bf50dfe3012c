/**
 * One request on its way through the proxy: what was decided about it at the door.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import type { ProxyEvent } from "./events.ts";
import { incoming, type Outgoing, outgoingHeaders, send } from "./forward.ts";
import type { Config } from "./options.ts";
import type { Watch } from "./ports.ts";
import type { RouteName } from "./routes.ts";
import type { Caller } from "./tokens.ts";
import type { Platform, Reader } from "./trust.ts";

/** What every step knows. Decided once; nothing later reads the URL or the token's class again. */
export interface Call {
  readonly config: Config;
  readonly request: Request;
  readonly reader: Reader;
  readonly platform: Platform | undefined;
  readonly method: string;
  readonly route: RouteName;
  /** The canonical path, which is what is forwarded. */
  readonly path: string;
  readonly search: string;
  readonly caller: Caller;
  readonly authorization: string | null;
  /** The notes on it, where somebody watches. */
  readonly watch: Watch | undefined;
}

/** How a call goes out, beyond what the call itself says. */
export type Way = Pick<Outgoing, "headers" | "body"> & Partial<Pick<Outgoing, "carried" | "repeatable">>;

/** Whether the rules for public tokens hold for a call. */
export function isGuarded({ config, caller }: Call): boolean {
  return caller === "public" && config.guard !== "off";
}

/** The headers of a call as they go upstream. */
export function headersOf({ request, reader, config }: Call): Headers {
  return outgoingHeaders(request, reader.consumes, config.limits.headBytes);
}

/** Sends a call upstream and gives the answer as the caller gets it. */
export async function forward(call: Call, way: Way): Promise<Response> {
  const { config, request, method, path, search, caller } = call;
  const isRead = method === "GET" || method === "HEAD";
  const out: Outgoing = {
    request,
    method,
    path,
    search,
    patient: isRead && path.startsWith("/realtime/"),
    carried: false,
    repeatable: false,
    draining: call.platform?.draining,
    ...way,
  };
  const began = config.onEvent === undefined ? 0 : Date.now();
  call.watch?.begin("upstream");
  const answer = send(config, out);
  // A message that has arrived whole is carried through, whether or not its sender waits for the answer.
  if (out.carried) call.platform?.waitUntil?.(answer.catch(() => {}));
  const response = await answer;
  call.watch?.end("upstream");
  tell(call, { type: "forwarded", status: response.status, upstreamMs: Date.now() - began });
  try {
    return incoming(config, out, response, caller);
  } catch (cause) {
    // A status that is none, a header that cannot be: nothing that a caller could be given.
    throw new Refusal("edge_upstream_unreachable", { cause });
  }
}

type Told<E = ProxyEvent> = E extends ProxyEvent ? Omit<E, "method" | "route" | "caller"> : never;

/** Tells `onEvent`, and whoever watches. An observer that throws changes nothing. */
export function tell(
  { config: { onEvent }, method, route, caller, watch }: Pick<Call, "config" | "method" | "route" | "caller" | "watch">,
  event: Told,
): void {
  if (onEvent === undefined && watch === undefined) return;
  const told = { ...event, method, route, caller } as ProxyEvent;
  if ("cause" in told) Object.defineProperty(told, "cause", { enumerable: false });
  watch?.told(told);
  try {
    onEvent?.(told);
  } catch {
    // Logs and metrics are no reason to lose a message.
  }
}
