/** `/realtime/v1/sessions/:session/:io` and the same under `channels/:channel`: a session's two streams. */

import { bodyText, forbidden, json } from "./answers.ts";
import { type Call, type Context, type Handler, sessionResources } from "./context.ts";
import { tooLarge } from "./read_body.ts";
import { addressingKey, isExpired, isSessionId, type Session } from "./sessions.ts";
import { follow, idleSecondsOf, startOf } from "./sse.ts";
import { type Stream, streamName, type StreamRecord } from "./streams.ts";
import { may } from "./tokens.ts";

const APPEND_LIMIT_BYTES = 1024 * 1024;
/** What the store adds to a record's body when it counts. */
const RECORD_OVERHEAD_BYTES = 8;

type Io = "in" | "out";

function readIo({ params }: Call): Io | undefined {
  const io = params["io"];
  return io === "in" || io === "out" ? io : undefined;
}

function badIo(): Response {
  return json(
    { error: "Params Error", details: [{ path: ["io"], message: 'Invalid option: expected "out"|"in"' }] },
    400,
  );
}

export const append: Handler = async (context, call) => {
  const { request, params, caller } = call;
  const large = tooLarge(request, APPEND_LIMIT_BYTES);
  if (large !== undefined) return large;
  const io = readIo(call);
  if (io === undefined) return badIo();
  const addressed = params["session"] ?? "";
  const session = context.sessions.find(addressed);
  if (!may(caller, "write", sessionResources(addressed, session))) return forbidden();
  if (session === undefined) return json({ error: "Resource not found" }, 404);
  if (session.closedAt !== null) return closedAnswer(context, session);
  if (isExpired(session, context.clock())) {
    return json({ ok: false, error: "Cannot append to an expired session" }, 400);
  }
  if (io === "out" && caller.kind !== "private") {
    return json({ ok: false, error: "Appending to the out channel requires secret key authentication" }, 403);
  }
  // A side channel wakes nobody; the chat's own pair does.
  if (params["channel"] === undefined) context.runs.ensure(session);
  return store(context, call, session, io);
};

async function store(context: Context, { request, params }: Call, session: Session, io: Io): Promise<Response> {
  const name = streamName(addressingKey(session), io, params["channel"]);
  const body = await bodyText(request);
  const text = io === "in" ? dropForgedSource(body) : body;
  const clientPartId = request.headers.get("x-part-id");
  const partId = clientPartId ?? context.ids.next("part").slice(-7);
  const record = JSON.stringify({ data: text, id: partId });
  const size = new TextEncoder().encode(record).length + RECORD_OVERHEAD_BYTES;
  if (size > APPEND_LIMIT_BYTES) {
    return json({ ok: false, error: `Record metered size ${size} bytes exceeds the per-record limit` }, 413);
  }
  const stream = context.streams.open(name);
  const stored = clientPartId === null
    ? stream.append({ body: record })
    : stream.appendOnce({ body: record }, clientPartId);
  if (stored === undefined) return json({ ok: true });
  const { seq } = stored;
  context.hooks.onAppend?.({ session, io, channel: params["channel"], seq, partId, text });
  return json({ ok: true, seq });
}

/** Only the server's own webhook ingress may say `actionSource: "webhook"`; a client's claim is dropped. */
function dropForgedSource(text: string): string {
  if (!text.includes('"actionSource"')) return text;
  try {
    const record = JSON.parse(text);
    if (record?.payload?.actionSource !== "webhook") return text;
    delete record.payload.actionSource;
    return JSON.stringify(record);
  } catch {
    return text;
  }
}

function closedAnswer(context: Context, session: Session): Response {
  const error = "Cannot append to a closed session";
  if (context.closedAppend === 400) return json({ ok: false, error }, 400);
  return json({ ok: false, error, code: "session_closed", closedReason: session.closedReason ?? undefined }, 409);
}

/** Opens the channel for reading. A chat's streams may be read before its session exists; `session_…` ids must exist. */
function openForReading(context: Context, call: Call): Response | { stream: Stream; io: Io } {
  const io = readIo(call);
  if (io === undefined) return badIo();
  const addressed = call.params["session"] ?? "";
  const session = context.sessions.find(addressed);
  if (session === undefined && isSessionId(addressed)) {
    return json({ error: "Not found" }, 404, { "x-should-retry": "false" });
  }
  if (!may(call.caller, "read", sessionResources(addressed, session))) return forbidden();
  const key = session === undefined ? addressed : addressingKey(session);
  return { stream: context.streams.open(streamName(key, io, call.params["channel"])), io };
}

export const records: Handler = async (context, call) => {
  const after = call.url.searchParams.get("afterEventId");
  if (after !== null && !/^\d+$/.test(after)) return json({ error: "Query Error" }, 400);
  const opened = openForReading(context, call);
  if (opened instanceof Response) return opened;
  const kept = opened.stream.from(after === null ? 0 : Number(after) + 1).filter((record) =>
    record.headers[0]?.[0] !== ""
  );
  return json({ records: kept.map(drained) });
};

function drained({ body, seq, headers }: StreamRecord): object {
  const envelope = body === "" ? { data: "", id: "" } : JSON.parse(body);
  return { data: envelope.data, id: envelope.id, seqNum: seq, ...(headers.length > 0 ? { headers } : {}) };
}

export const subscribe: Handler = async (context, call) => {
  const opened = openForReading(context, call);
  if (opened instanceof Response) return opened;
  const { stream, io } = opened;
  const { request } = call;
  if (request.method === "HEAD") return new Response(null, { headers: { "x-last-chunk-index": "0" } });
  const idleSeconds = idleSecondsOf(request);
  if (typeof idleSeconds === "string") return new Response(idleSeconds, { status: 400 });
  const settled = io === "out" && request.headers.get("x-peek-settled") === "1" && isSettled(stream);
  return follow(stream, {
    from: startOf(request, stream),
    idleSeconds: settled ? 0 : idleSeconds,
    settled,
    signal: request.signal,
  });
};

/** Is the last record, command records aside, the end of a turn? */
function isSettled(stream: Stream): boolean {
  const last = stream.from(stream.tail - 2).findLast((record) => record.headers[0]?.[0] !== "");
  return last?.headers.some(([name, value]) => name === "trigger-control" && value === "turn-complete") ?? false;
}

/** Hands out credentials for the store itself: who holds them appends without any of the checks above. */
export const initialize: Handler = async (context, call) => {
  const io = readIo(call);
  if (io === undefined) return badIo();
  const addressed = call.params["session"] ?? "";
  if (!may(call.caller, "write", [{ type: "sessions", id: addressed }])) return forbidden();
  if (io === "out" && call.caller.kind !== "private") {
    return new Response("Initializing the out channel requires secret key authentication", { status: 403 });
  }
  const session = context.sessions.find(addressed);
  if (session === undefined && isSessionId(addressed)) return new Response("Session not found", { status: 404 });
  if (session !== undefined && session.closedAt !== null) {
    return new Response("Cannot initialize a channel on a closed session", { status: 400 });
  }
  const key = session === undefined ? addressed : addressingKey(session);
  return json(
    { version: "v2" },
    202,
    await context.store.credentials(call.url.origin, streamName(key, io, call.params["channel"])),
  );
};
