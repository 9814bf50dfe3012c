/** What goes past the stamp: other records, side channels, tasks, wait tokens; and the creation of sessions. */
import { NAMESPACE } from "../unit/properties/through_proxy.ts";
import { APPEND, CHAT, create, type Legitimate, metadata, plain, tokenFor, user } from "./legitimate_forms.ts";

const SESSION = `/realtime/v1/sessions/${CHAT}`;
const records = [
  "hello, plain text",
  "",
  "42",
  "null",
  '"a JSON string"',
  '["a","list"]',
  "{not JSON",
  `"${NAMESPACE}"`,
  "\ufefftext",
  '{"kind":"note","n":1.0}',
];
const superjson = JSON.stringify({
  json: { at: "2026-01-01T00:00:00.000Z", a: { b: 1 }, c: null },
  meta: { values: { at: ["Date"] }, referentialEqualities: { a: ["c"] } },
});
const item = (index: number): string =>
  JSON.stringify({ index, task: "report", payload: superjson, options: { payloadType: "application/super+json" } });
const large = "x".repeat(2_500_000);
/** Posts in which nothing is stamped. */
export const others: readonly Legitimate[] = [
  ...records.map((body, i) =>
    plain(`record ${i} of another kind`, `${SESSION}/in/append`, APPEND, body, { chats: true })
  ),
  plain(
    "side channel",
    `${SESSION}/channels/notes/in/append`,
    "realtime.v1.sessions.$session.channels.$name.$io.append",
    { note: "hello" },
  ),
  plain("input stream", "/realtime/v1/streams/run_1/input/answers", "realtime.v1.streams.$runId.input.$streamId", {
    data: { text: `about ${NAMESPACE}` },
  }),
  plain(
    "wait token",
    "/api/v1/waitpoints/tokens/waitpoint_1/complete",
    "api.v1.waitpoints.tokens.$waitpointFriendlyId.complete",
    { data: superjson },
  ),
  plain(
    "wait token with a large output",
    "/api/v1/waitpoints/tokens/waitpoint_1/complete",
    "api.v1.waitpoints.tokens.$waitpointFriendlyId.complete",
    { data: { text: large } },
  ),
  plain(
    "wait token's callback",
    "/api/v1/waitpoints/tokens/waitpoint_1/callback/abc",
    "api.v1.waitpoints.tokens.$waitpointFriendlyId.callback.$hash",
    "event=done&id=1",
    { authorization: undefined },
  ),
  plain("trigger", "/api/v1/tasks/report/trigger", "api.v1.tasks.$taskId.trigger", {
    payload: superjson,
    options: { payloadType: "application/super+json", tags: ["a"] },
  }),
  plain(
    "trigger of a task with a path in its id",
    "/api/v1/tasks/reports%2Fdaily/trigger",
    "api.v1.tasks.$taskId.trigger",
    { payload: { a: 1 } },
  ),
  plain("trigger with plain text", "/api/v1/tasks/report/trigger", "api.v1.tasks.$taskId.trigger", {
    payload: "text",
    options: { payloadType: "text/plain" },
  }),
  plain("batch", "/api/v2/tasks/batch", "api.v2.tasks.batch", { items: [{ task: "report", payload: superjson }] }),
  plain("batch of the newer kind", "/api/v3/batches", "api.v3.batches", { runCount: 2 }),
  plain(
    "items of a batch",
    "/api/v3/batches/batch_1/items",
    "api.v3.batches.$batchId.items",
    `${item(0)}\n${item(1)}\n`,
    { headers: { "content-type": "application/x-ndjson" } },
  ),
  plain(
    "bytes that are no text",
    "/realtime/v1/streams/run_1/input/bytes",
    "realtime.v1.streams.$runId.input.$streamId",
    Uint8Array.from([0, 255, 254, 128, 34, 92]),
  ),
];

/** Creations, by pages and by servers. */
export const creates: readonly Legitimate[] = [
  create("createStartSessionAction", CHAT, { messages: [], trigger: "preload", metadata, chatId: CHAT }),
  create("createStartSessionAction, from a page with a task's token", CHAT, {
    messages: [],
    trigger: "preload",
    metadata,
    chatId: CHAT,
  }, { authorization: tokenFor(CHAT) }),
  create("sessions.start, without an id, from a page", undefined, { trigger: "preload" }, {
    authorization: tokenFor(CHAT),
  }),
  create("sessions.start, without metadata", CHAT, {}),
  create("headStart", CHAT, { headStartMessages: [user("hi")], trigger: "handover-prepare", chatId: CHAT, metadata }),
  create("another chat's id, from a server", CHAT, {
    chatId: "other",
    continuation: true,
    previousRunId: "run_1",
    metadata,
  }),
];
