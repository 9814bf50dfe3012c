/** A stream as server-sent events, in the version 2 format that the SDK reads: `batch`, `ping`, and a last `[DONE]`. */

import type { Stream, StreamRecord } from "./streams.ts";

/** How often an idle reader hears a `ping`. */
const PING_EVERY_MS = 5_000;

export interface FollowOptions {
  /** The number of the first record to send. */
  readonly from: number;
  /** How long the stream may stay silent before it ends. 0 sends what there is, and ends. */
  readonly idleSeconds: number;
  readonly settled: boolean;
  readonly signal: AbortSignal;
}

/** Follows a stream until it is silent for too long, or the reader goes away. */
export function follow(stream: Stream, options: FollowOptions): Response {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  const signal = AbortSignal.any([gone.signal, options.signal]);
  const events = writeEvents(stream, options, signal);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const next = await events.next();
      if (next.done === true) return controller.close();
      controller.enqueue(encoder.encode(next.value));
    },
    cancel() {
      gone.abort();
    },
  });
  const headers = new Headers({
    "content-type": "text/event-stream",
    "cache-control": "no-cache",
    "x-stream-version": "v2",
    "access-control-expose-headers": "*",
  });
  if (options.settled) headers.set("x-session-settled", "true");
  return new Response(body, { headers });
}

async function* writeEvents(stream: Stream, options: FollowOptions, signal: AbortSignal): AsyncGenerator<string> {
  let next = options.from;
  let sent = 0;
  // The headers of an idle stream reach the reader at once, because a comment follows them.
  yield ": open\n\n";
  let deadline = performance.now() + options.idleSeconds * 1000;
  while (!signal.aborted) {
    const records = stream.from(next);
    const last = records.at(-1);
    if (last !== undefined) {
      const data = JSON.stringify({
        records: records.map(toWire),
        tail: { seq_num: stream.tail, timestamp: last.timestamp },
      });
      next = last.seq + 1;
      sent += data.length;
      yield `id: ${records[0]?.seq},${last.seq},${sent}\nevent: batch\ndata: ${data}\n\n`;
      deadline = performance.now() + options.idleSeconds * 1000;
      continue;
    }
    const left = deadline - performance.now();
    if (left <= 0) break;
    const timer = AbortSignal.timeout(Math.ceil(Math.min(left, PING_EVERY_MS)));
    await stream.wait(next, AbortSignal.any([timer, signal]));
    if (timer.aborted && !signal.aborted && stream.tail <= next && left > PING_EVERY_MS) {
      yield `event: ping\ndata: {"timestamp":${Date.now()}}\n\n`;
    }
  }
  if (!signal.aborted) yield "data: [DONE]\n\n";
}

function toWire(record: StreamRecord): object {
  const { seq, timestamp, body, headers } = record;
  return { seq_num: seq, timestamp, ...(headers.length > 0 ? { headers } : {}), body };
}

/** How long a reader wants the stream held open while nothing is said; a string is the sentence of the 400. */
export function idleSecondsOf(request: Request): number | string {
  const header = request.headers.get("timeout-seconds");
  if (header === null || header === "") return 60;
  const seconds = Number(header);
  if (!Number.isInteger(seconds)) return "Invalid timeout seconds";
  if (seconds < 1) return "Timeout seconds must be greater than 0";
  return seconds > 600 ? "Timeout seconds must be less than 600" : seconds;
}

/**
 * Where a reader begins. `Last-Event-ID` names the last record that it has; what is no number starts from the beginning,
 * and `X-Trigger-Stream-Start: latest` with what comes next.
 */
export function startOf(request: Request, { tail }: Stream): number {
  const header = request.headers.get("last-event-id");
  if (header === null && request.headers.get("x-trigger-stream-start") === "latest") return tail;
  const last = header === null || header === "" ? Number.NaN : Number(header.split("-")[0]);
  return last >= 0 ? Math.min(last + 1, tail) : 0;
}
