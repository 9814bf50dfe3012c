/**
 * The notes on one request, from its head until its answer's.
 *
 * @module
 */
import type { EventBase, ProxyEvent } from "../events.ts";
import type { Watch } from "../ports.ts";
import type { Answered, Decision, Observer } from "./answered.ts";
import { traceIdOf } from "./trace.ts";

type Step = "trust" | "upstream";
type Milliseconds = Partial<Record<Step, number>>;

/** Begins them. */
export function takeNotes(request: Request, observers: readonly Observer[], serverTiming: boolean): Watch {
  const requestId = crypto.randomUUID();
  const beganAt = performance.now();
  const begunAt: Milliseconds = {};
  const tookMs: Milliseconds = {};
  const events: ProxyEvent[] = [];
  return {
    begin: (step) => {
      begunAt[step] = performance.now();
    },
    end: (step) => {
      tookMs[step] = msSince(begunAt[step]!);
    },
    told: (event) => {
      events.push(event);
    },
    answered({ headers, status }, about) {
      const durationMs = msSince(beganAt);
      // What has not ended failed just now.
      for (const step of Object.keys(begunAt) as Step[]) tookMs[step] ??= msSince(begunAt[step]!);
      headers.set("x-edge-request-id", requestId);
      if (serverTiming) setTiming(headers, { edge: durationMs, ...tookMs });
      const answered = { requestId, ...traceOf(request), ...about, ...outcome(events, about, request), status };
      tell(observers, { ...answered, durationMs, ...durations(tookMs) }, events);
    },
  };
}

/** Milliseconds since `at`, to a tenth. Workers' clocks stand still while nothing is waited for. */
function msSince(at: number): number {
  return Math.round((performance.now() - at) * 10) / 10;
}

function setTiming(headers: Headers, tookMs: Readonly<Record<string, number>>): void {
  headers.append("server-timing", Object.entries(tookMs).map(([name, ms]) => `${name};dur=${ms}`).join(", "));
  // Without it, pages of other origins see no timing. These may read the whole answer.
  const origin = headers.get("access-control-allow-origin");
  if (origin !== null) headers.set("timing-allow-origin", origin);
}

function traceOf({ headers }: Request): Pick<Answered, "traceId"> {
  const traceId = traceIdOf(headers.get("traceparent"));
  return traceId === undefined ? {} : { traceId };
}

function durations({ trust, upstream }: Milliseconds): Pick<Answered, "trustMs" | "upstreamMs"> {
  return { ...(trust !== undefined && { trustMs: trust }), ...(upstream !== undefined && { upstreamMs: upstream }) };
}

/** What became of a request, of all that was told of it. */
function outcome(
  events: readonly ProxyEvent[],
  { route }: EventBase,
  request: Request,
): Pick<Answered, "decision" | "code" | "bodyBytes"> {
  let decision: Decision = "own";
  let facts: Pick<Answered, "code" | "bodyBytes"> = {};
  for (const event of events) {
    if (event.type === "stamped") facts = { bodyBytes: event.bodyBytes };
    if (event.type === "refused" || event.type === "failed") facts = { ...facts, code: event.code };
    if (event.type !== "forwarded" || decision !== "stamped") decision = event.type;
  }
  // Creates and appends are carried through whether or not their callers wait.
  const hasLeft = decision === "failed" && route !== "create" && route !== "append" && request.signal.aborted;
  return { decision: hasLeft ? "left" : decision, ...facts };
}

function tell(observers: readonly Observer[], answered: Answered, events: readonly ProxyEvent[]): void {
  const failed = events.find((event) => event.type === "failed");
  if (failed !== undefined) Object.defineProperty(answered, "cause", { value: failed.cause });
  for (const observe of observers) {
    try {
      observe(answered);
    } catch {
      // Logs and metrics are no reason to lose a message.
    }
  }
}
