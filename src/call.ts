/**
 * One request on its way through the proxy: what was decided about it at the door.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import type { ProxyEvent } from "./events.ts";
import { incoming, send, type Way } from "./forward.ts";
import { type Added, type Carried, outgoingHeaders } from "./heads.ts";
import type { Config } from "./options.ts";
import type { Watch } from "./ports.ts";
import type { RouteName } from "./routes.ts";
import type { Source, Value } from "./scan.ts";
import type { Caller } from "./tokens.ts";
import { type Platform, type Reader, readSignals, type Signals } from "./trust.ts";

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
  readonly plugs: Plugs | undefined;
  /** The notes on it, where somebody watches. */
  readonly watch: Watch | undefined;
}

/** What a body turned out to be: where its stamp goes, and what it is about. */
export interface Stampable {
  readonly use: "create" | "append";
  readonly source: Source;
  readonly root: Value;
  readonly payload: Value | undefined;
  readonly chat: string | undefined;
  readonly limitBytes: number;
}

/** What the options plug in where they name a seal, passes, an admission or a readiness. */
export interface Plugs {
  /** The stamp's JSON: of whose signals, and how they are proved. Throws where the call is not let in. */
  stamp(call: Call, body: Stampable, partId: string | undefined): Promise<string>;
  /** Answers a call of what is the proxy's own. Throws where it is not offered, or not like this. */
  serve(call: Call): Promise<Response>;
}

/** Whether the rules for public tokens hold for a call. */
export function isGuarded({ config, caller }: Call): boolean {
  return caller === "public" && config.guard !== "off";
}

/** The headers of a call as they go upstream, with these added. */
export function headersOf({ request, reader, config }: Call, ...added: readonly Added[]): Carried {
  return outgoingHeaders(request, reader.consumes, config.limits.headBytes, added);
}

/** The provider's signals; `null` where they cannot be read and the options say so. */
export async function liveSignals({ config, reader, request, platform, watch }: Call): Promise<Signals | null> {
  watch?.begin("trust");
  try {
    const signals = await readSignals(reader, request, platform, config.trustTimeoutMs);
    watch?.end("trust");
    return signals;
  } catch (error) {
    if (config.onTrustError === "null" && error instanceof Refusal) return null;
    throw error;
  }
}

/** Sends a call upstream and gives the answer as the caller gets it. */
export async function forward(call: Call, way: Way): Promise<Response> {
  const { config, watch, platform } = call;
  const began = config.onEvent === undefined && watch === undefined ? 0 : Date.now();
  watch?.begin("upstream");
  const answer = send(call, way);
  // A message that has arrived whole is carried through, whether or not its sender waits for the answer.
  if (way.carried) platform?.waitUntil?.(answer.catch(() => {}));
  const response = await answer;
  watch?.end("upstream");
  tell(call, { type: "forwarded", status: response.status, upstreamMs: Date.now() - began });
  try {
    return incoming(call, response);
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
