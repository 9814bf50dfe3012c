/**
 * What the SDK and its users really send, in the SDK's own forms: nothing of it may be refused. Each request says which
 * route of the stack must take it.
 */
import { NAMESPACE, publicToken } from "../unit/properties/through_proxy.ts";
import type { RouteFile } from "./route_files.ts";
import { SECRET_KEY } from "./spellings.ts";

/** One request, and where it must arrive. */
export interface Legitimate {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  /** The Authorization header's value. */
  readonly authorization: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text or bytes as they go; an object as `JSON.stringify` writes it. */
  readonly body?: object | string | Uint8Array;
  readonly route: RouteFile;
  /** Where the stamp goes, where it is stamped. */
  readonly stamped?: "create" | "append";
  /** Whether `guard: "chat"` lets it through, too. */
  readonly chats?: boolean;
}

/** The chat that most of these are about. */
export const CHAT = "chat-1";
const APPEND: RouteFile = "realtime.v1.sessions.$session.$io.append";
const CREATE: RouteFile = "api.v1.sessions";

/** A public token for a chat, with the scheme. */
export const tokenFor = (chat: string): string => `Bearer ${publicToken(`read:sessions:${chat}`, `write:sessions:${chat}`)}`;
const SERVER = `Bearer ${SECRET_KEY}`;
/** What the transport sends along. */
const BROWSER = { "content-type": "application/json", "x-trigger-source": "sdk", "x-part-id": "4f1c0a52-96f6-4c87-b6b0-a3b1fd4f35c0" };
const metadata = { userId: "user-1", [NAMESPACE]: { botScore: 99 } };
const user = (text: string): object => ({ id: "m-1", role: "user", parts: [{ type: "text", text }] });

/** A message on a chat's `in`, as the transport sends it. */
function message(name: string, payload: object, more: Partial<Legitimate> & { chat?: string } = {}): Legitimate {
  const { chat = CHAT, ...rest } = more;
  return {
    name, method: "POST", path: `/realtime/v1/sessions/${encodeURIComponent(chat)}/in/append`, authorization: tokenFor(chat), headers: BROWSER,
    body: { kind: "message", payload: { ...payload, chatId: chat, metadata } }, route: APPEND, stamped: "append", chats: true, ...rest,
  };
}

const submit = (text: string): object => ({ message: user(text), trigger: "submit-message" });
const approval = {
  id: "m-2", role: "assistant",
  parts: [{ type: "tool-deleteFile", toolCallId: "call_1", state: "approval-responded", approval: { id: "approval-1", approved: true } }],
};
const output = {
  id: "m-2", role: "assistant",
  parts: [{ type: "dynamic-tool", toolName: "ask", toolCallId: "call_1", state: "output-available", output: { answer: `{"${NAMESPACE}":1}` } }],
};

const transport: readonly Legitimate[] = [
  message("submit", submit("hello")),
  message("submit, with the app's own keys in `body`", { trace: "t-1", plan: { name: "pro" }, temperature: 0.2, messages: [], ...submit("hi") }),
  message("submit, without metadata", submit("hi"), { body: { kind: "message", payload: { ...submit("hi"), chatId: CHAT } } }),
  message("submit, with null for metadata", submit("hi"), { body: { kind: "message", payload: { ...submit("hi"), chatId: CHAT, metadata: null } } }),
  message("submit, with empty metadata", submit("hi"), { body: { kind: "message", payload: { ...submit("hi"), chatId: CHAT, metadata: {} } } }),
  message("submit, talking about the namespace", submit(`Write {"${NAMESPACE}": {"botScore": 99}} into "metadata", or \\u005f_edge`)),
  message("submit, in many scripts", submit("ключ 键 🗝️ \u2028 \u0000 \\ \" / é")),
  message("submit, with a file", { message: { id: "m", role: "user", parts: [{ type: "file", mediaType: "image/png", url: `data:image/png;base64,${"A".repeat(200_000)}` }] }, trigger: "submit-message" }),
  message("regenerate", { trigger: "regenerate-message", messageId: "m-1" }),
  message("action", { trigger: "action", action: { type: "undo", [NAMESPACE]: 1 } }),
  message("tool approval", { message: approval, trigger: "submit-message" }),
  message("tool output", { message: output, trigger: "submit-message" }),
  message("steering", submit("shorter")),
  message("close, from a page", { trigger: "close" }),
  message("message, with text/plain", submit("hi"), { headers: { "content-type": "text/plain" } }),
  message("message, with a byte order mark", submit("hi"), { body: `\ufeff${JSON.stringify({ kind: "message", payload: submit("hi") })}` }),
  message("message, with white space and odd numbers", submit("hi"), { body: `\r\n { "payload" : {"n": 1.10, "big":12345678901234567890,"e":1E400 ,"a":[ ]} , "kind":\t"message" }\n` }),
  message("message, on a preview branch", submit("hi"), { headers: { ...BROWSER, "x-trigger-branch": "feat/ö-1".replace("ö", "o"), traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" } }),
  message("message, without a scheme before the token", submit("hi"), { authorization: tokenFor(CHAT).slice(7) }),
  message("message, by the session's own id", submit("hi"), {
    path: "/realtime/v1/sessions/session_abc123/in/append", authorization: tokenFor(CHAT),
    body: { kind: "message", payload: { ...submit("hi"), chatId: CHAT, sessionId: "session_abc123", metadata } },
  }),
  { ...message("stop", {}), body: { kind: "stop" }, stamped: undefined as never },
];

/** Ids that apps use, as `encodeURIComponent` spells them. */
const IDS = ["a/b", "user:1/чат 2", "50%", "a;b=c", "x.y", "who?", "c#1", "a+b@c", "🗝️", "in", "append", "channels", "a%2Fb", "..x", "a\\b", "session-1", "A'(b)*!~"];
const ids = IDS.flatMap((chat): Legitimate[] => {
  const path = `/realtime/v1/sessions/${encodeURIComponent(chat)}`;
  return [
    message(`message to ${chat}`, submit("hi"), { chat, chats: true }),
    read(`answers of ${chat}`, `${path}/out`, "realtime.v1.sessions.$session.$io", tokenFor(chat)),
    read(`records of ${chat}`, `${path}/in/records`, "realtime.v1.sessions.$session.$io.records", tokenFor(chat)),
    { ...read(`the session ${chat}`, `/api/v1/sessions/${encodeURIComponent(chat)}`, "api.v1.sessions.$session", tokenFor(chat)), chats: false },
  ];
});

function read(name: string, path: string, route: RouteFile, authorization: string, headers: Record<string, string> = {}): Legitimate {
  return { name, method: "GET", path, authorization, headers: { accept: "text/event-stream", ...headers }, route, chats: true };
}

const SESSION = `/realtime/v1/sessions/${CHAT}`;
const reads: readonly Legitimate[] = [
  read("reconnect", `${SESSION}/out`, "realtime.v1.sessions.$session.$io", tokenFor(CHAT), { "last-event-id": "12", "x-peek-settled": "1", "timeout-seconds": "120" }),
  read("side channel", `${SESSION}/channels/notes.v1-a_b/out`, "realtime.v1.sessions.$session.channels.$name.$io", tokenFor(CHAT)),
  read("side channel's records", `${SESSION}/channels/notes/in/records?afterEventId=3`, "realtime.v1.sessions.$session.channels.$name.$io.records", tokenFor(CHAT)),
  { ...read("probe", `${SESSION}/out`, "realtime.v1.sessions.$session.$io", tokenFor(CHAT)), method: "HEAD" },
  { ...read("transcript", `/api/v1/sessions/${CHAT}/transcript?limit=20`, "api.v1.sessions.$session.transcript", tokenFor(CHAT)), chats: false },
  { ...read("snapshot's address", `/api/v1/sessions/${CHAT}/snapshot-url`, "api.v1.sessions.$sessionId.snapshot-url", tokenFor(CHAT)), chats: false },
  { ...read("run, live", "/realtime/v1/runs/run_1?columns=id%2Cstatus&live=true&handle=1-2", "realtime.v1.runs.$runId", tokenFor(CHAT)), chats: false },
  { ...read("runs by tag", "/realtime/v1/runs?tags=chat%3A1%2Ca%2Fb&createdAt=1h", "realtime.v1.runs", tokenFor(CHAT)), chats: false },
  { ...read("stream of a run", "/realtime/v1/streams/run_1/ai", "realtime.v1.streams.$runId.$streamId", tokenFor(CHAT)), chats: false },
];

/** Posts in which nothing is stamped. */
function plain(name: string, path: string, route: RouteFile, body: object | string | Uint8Array, more: Partial<Legitimate> = {}): Legitimate {
  return { name, method: "POST", path, authorization: tokenFor(CHAT), headers: BROWSER, body, route, ...more };
}

const records = ["hello, plain text", "", "42", "null", '"a JSON string"', '["a","list"]', "{not JSON", `"${NAMESPACE}"`, "\ufefftext", '{"kind":"note","n":1.0}'];
const superjson = JSON.stringify({ json: { at: "2026-01-01T00:00:00.000Z", a: { b: 1 }, c: null }, meta: { values: { at: ["Date"] }, referentialEqualities: { a: ["c"] } } });
const item = (index: number): string => JSON.stringify({ index, task: "report", payload: superjson, options: { payloadType: "application/super+json" } });
const large = "x".repeat(2_500_000);
const others: readonly Legitimate[] = [
  ...records.map((body, i) => plain(`record ${i} of another kind`, `${SESSION}/in/append`, APPEND, body, { chats: true })),
  plain("side channel", `${SESSION}/channels/notes/in/append`, "realtime.v1.sessions.$session.channels.$name.$io.append", { note: "hello" }),
  plain("input stream", "/realtime/v1/streams/run_1/input/answers", "realtime.v1.streams.$runId.input.$streamId", { data: { text: `about ${NAMESPACE}` } }),
  plain("wait token", "/api/v1/waitpoints/tokens/waitpoint_1/complete", "api.v1.waitpoints.tokens.$waitpointFriendlyId.complete", { data: superjson }),
  plain("wait token with a large output", "/api/v1/waitpoints/tokens/waitpoint_1/complete", "api.v1.waitpoints.tokens.$waitpointFriendlyId.complete", { data: { text: large } }),
  plain("wait token's callback", "/api/v1/waitpoints/tokens/waitpoint_1/callback/abc", "api.v1.waitpoints.tokens.$waitpointFriendlyId.callback.$hash", "event=done&id=1", { authorization: undefined }),
  plain("trigger", "/api/v1/tasks/report/trigger", "api.v1.tasks.$taskId.trigger", { payload: superjson, options: { payloadType: "application/super+json", tags: ["a"] } }),
  plain("trigger of a task with a path in its id", "/api/v1/tasks/reports%2Fdaily/trigger", "api.v1.tasks.$taskId.trigger", { payload: { a: 1 } }),
  plain("trigger with plain text", "/api/v1/tasks/report/trigger", "api.v1.tasks.$taskId.trigger", { payload: "text", options: { payloadType: "text/plain" } }),
  plain("batch", "/api/v2/tasks/batch", "api.v2.tasks.batch", { items: [{ task: "report", payload: superjson }] }),
  plain("batch of the newer kind", "/api/v3/batches", "api.v3.batches", { runCount: 2 }),
  plain("items of a batch", "/api/v3/batches/batch_1/items", "api.v3.batches.$batchId.items", `${item(0)}\n${item(1)}\n`, { headers: { "content-type": "application/x-ndjson" } }),
  plain("bytes that are no text", "/realtime/v1/streams/run_1/input/bytes", "realtime.v1.streams.$runId.input.$streamId", Uint8Array.from([0, 255, 254, 128, 34, 92])),
];

/** A session's creation. */
function create(name: string, externalId: string | undefined, basePayload: object, more: Partial<Legitimate> = {}): Legitimate {
  const body = { type: "chat.agent", ...(externalId === undefined ? {} : { externalId }), taskIdentifier: "chat", triggerConfig: { basePayload, tags: ["a"] }, tags: ["b"], metadata: { plan: "free" } };
  return { name, method: "POST", path: "/api/v1/sessions", authorization: SERVER, headers: BROWSER, body, route: CREATE, stamped: "create", chats: true, ...more };
}

const creates: readonly Legitimate[] = [
  create("createStartSessionAction", CHAT, { messages: [], trigger: "preload", metadata, chatId: CHAT }),
  create("createStartSessionAction, from a page with a task's token", CHAT, { messages: [], trigger: "preload", metadata, chatId: CHAT }, { authorization: tokenFor(CHAT) }),
  create("sessions.start, without an id, from a page", undefined, { trigger: "preload" }, { authorization: tokenFor(CHAT) }),
  create("sessions.start, without metadata", CHAT, {}),
  create("headStart", CHAT, { headStartMessages: [user("hi")], trigger: "handover-prepare", chatId: CHAT, metadata }),
  create("another chat's id, from a server", CHAT, { chatId: "other", continuation: true, previousRunId: "run_1", metadata }),
];

/** What only a server may do; it may do all of it. */
const server = (one: Legitimate): Legitimate => ({ ...one, name: `server: ${one.name}`, authorization: SERVER, chats: true });
const forged = { payload: { metadata: { [NAMESPACE]: { botScore: 1 } } } };
const servers: readonly Legitimate[] = [
  ...[...transport, ...reads, ...others].map(server),
  ...(["in", "out", "channels/notes/in", "channels/notes/out"] as const).map((io) => ({
    ...server(plain(`credentials of ${io}`, `${SESSION}/${io}`, io.startsWith("channels") ? "realtime.v1.sessions.$session.channels.$name.$io" : "realtime.v1.sessions.$session.$io", "")),
    method: "PUT",
  })),
  server(plain("out", `${SESSION}/out/append`, APPEND, { type: "text-delta", delta: "hi" })),
  server(plain("hand-over", `${SESSION}/in/append`, APPEND, { kind: "handover", partialAssistantMessage: [], isFinal: true })),
  server(plain("hand-over, skipped", `${SESSION}/in/append`, APPEND, { kind: "handover-skip" })),
  server(plain("end and continue", `/api/v1/sessions/${CHAT}/end-and-continue`, "api.v1.sessions.$session.end-and-continue", { callingRunId: "run_1", reason: "upgrade" })),
  server(plain("close", `/api/v1/sessions/${CHAT}/close`, "api.v1.sessions.$session.close", { reason: "done" })),
  server({ ...plain("update", `/api/v1/sessions/${CHAT}`, "api.v1.sessions.$session", { tags: ["c"] }), method: "PATCH" }),
  server({ ...plain("snapshot", `/api/v1/sessions/${CHAT}/snapshot-url`, "api.v1.sessions.$sessionId.snapshot-url", ""), method: "PUT" }),
  server({ ...plain("packet", "/api/v2/packets/run_1%2Fpayload.json", "api.v2.packets.$", ""), method: "PUT" }),
  server(plain("claims", "/api/v1/auth/jwt/claims", "api.v1.auth.jwt.claims", "")),
  server(plain("waiting for a session", "/api/v1/runs/run_1/session-streams/wait", "api.v1.runs.$runFriendlyId.session-streams.wait", { session: CHAT, io: "in" })),
  server(plain("trigger with the namespace in it", "/api/v1/tasks/chat/trigger", "api.v1.tasks.$taskId.trigger", forged)),
  server(plain("trigger with a stored payload", "/api/v1/tasks/chat/trigger", "api.v1.tasks.$taskId.trigger", { payload: "packets/1", options: { payloadType: "application/store" } })),
  server(plain("side channel with the namespace in it", `${SESSION}/channels/n/in/append`, "realtime.v1.sessions.$session.channels.$name.$io.append", forged)),
  server(message("message of the system's, in another chat", { ...submit("hi"), message: { id: "m", role: "system", parts: [] }, chatId: "other", continuation: true })),
];

/** All of them. */
export const LEGITIMATE: readonly Legitimate[] = [...transport, ...ids, ...reads, ...others, ...creates, ...servers];
