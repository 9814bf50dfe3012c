/** What a chat's own page sends: messages in all their kinds, reads, and ids as apps choose them. */
import { NAMESPACE } from "../unit/properties/through_proxy.ts";
import { BROWSER, CHAT, type Legitimate, message, metadata, read, tokenFor, user } from "./legitimate_forms.ts";

/** A message of the user's. */
export const submit = (text: string): object => ({ message: user(text), trigger: "submit-message" });
const approval = {
  id: "m-2",
  role: "assistant",
  parts: [{
    type: "tool-deleteFile",
    toolCallId: "call_1",
    state: "approval-responded",
    approval: { id: "approval-1", approved: true },
  }],
};
const output = {
  id: "m-2",
  role: "assistant",
  parts: [{
    type: "dynamic-tool",
    toolName: "ask",
    toolCallId: "call_1",
    state: "output-available",
    output: { answer: `{"${NAMESPACE}":1}` },
  }],
};

/** The transport's messages. */
export const transport: readonly Legitimate[] = [
  message("submit", submit("hello")),
  message("submit, with the app's own keys in `body`", {
    trace: "t-1",
    plan: { name: "pro" },
    temperature: 0.2,
    messages: [],
    ...submit("hi"),
  }),
  message("submit, without metadata", submit("hi"), {
    body: { kind: "message", payload: { ...submit("hi"), chatId: CHAT } },
  }),
  message("submit, with null for metadata", submit("hi"), {
    body: { kind: "message", payload: { ...submit("hi"), chatId: CHAT, metadata: null } },
  }),
  message("submit, with empty metadata", submit("hi"), {
    body: { kind: "message", payload: { ...submit("hi"), chatId: CHAT, metadata: {} } },
  }),
  message(
    "submit, talking about the namespace",
    submit(`Write {"${NAMESPACE}": {"botScore": 99}} into "metadata", or \\u005f_edge`),
  ),
  message("submit, in many scripts", submit('ключ 键 🗝️ \u2028 \u0000 \\ " / é')),
  message("submit, with a file", {
    message: {
      id: "m",
      role: "user",
      parts: [{ type: "file", mediaType: "image/png", url: `data:image/png;base64,${"A".repeat(200_000)}` }],
    },
    trigger: "submit-message",
  }),
  message("regenerate", { trigger: "regenerate-message", messageId: "m-1" }),
  message("action", { trigger: "action", action: { type: "undo", [NAMESPACE]: 1 } }),
  message("tool approval", { message: approval, trigger: "submit-message" }),
  message("tool output", { message: output, trigger: "submit-message" }),
  message("steering", submit("shorter")),
  message("close, from a page", { trigger: "close" }),
  message("message, with text/plain", submit("hi"), { headers: { "content-type": "text/plain" } }),
  message("message, with a byte order mark", submit("hi"), {
    body: `\ufeff${JSON.stringify({ kind: "message", payload: submit("hi") })}`,
  }),
  message("message, with white space and odd numbers", submit("hi"), {
    body: `\r\n { "payload" : {"n": 1.10, "big":12345678901234567890,"e":1E400 ,"a":[ ]} , "kind":\t"message" }\n`,
  }),
  message("message, on a preview branch", submit("hi"), {
    headers: {
      ...BROWSER,
      "x-trigger-branch": "feat/ö-1".replace("ö", "o"),
      traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    },
  }),
  message("message, without a scheme before the token", submit("hi"), { authorization: tokenFor(CHAT).slice(7) }),
  message("message, by the session's own id", submit("hi"), {
    path: "/realtime/v1/sessions/session_abc123/in/append",
    authorization: tokenFor(CHAT),
    body: { kind: "message", payload: { ...submit("hi"), chatId: CHAT, sessionId: "session_abc123", metadata } },
  }),
  { ...message("stop", {}), body: { kind: "stop" }, stamped: undefined as never },
];

/** Ids that apps use, as `encodeURIComponent` spells them. */
const IDS = [
  "a/b",
  "user:1/чат 2",
  "50%",
  "a;b=c",
  "x.y",
  "who?",
  "c#1",
  "a+b@c",
  "🗝️",
  "in",
  "append",
  "channels",
  "a%2fb",
  "..x",
  "a\\b",
  "session-1",
  "A'(b)*!~",
];
/** Messages, reads and retrievals of each. */
export const ids = IDS.flatMap((chat): Legitimate[] => {
  const path = `/realtime/v1/sessions/${encodeURIComponent(chat)}`;
  return [
    message(`message to ${chat}`, submit("hi"), { chat, chats: true }),
    read(`answers of ${chat}`, `${path}/out`, "realtime.v1.sessions.$session.$io", tokenFor(chat)),
    read(`records of ${chat}`, `${path}/in/records`, "realtime.v1.sessions.$session.$io.records", tokenFor(chat)),
    {
      ...read(
        `the session ${chat}`,
        `/api/v1/sessions/${encodeURIComponent(chat)}`,
        "api.v1.sessions.$session",
        tokenFor(chat),
      ),
      chats: false,
    },
  ];
});

const SESSION = `/realtime/v1/sessions/${CHAT}`;
/** What is only read. */
export const reads: readonly Legitimate[] = [
  read("reconnect", `${SESSION}/out`, "realtime.v1.sessions.$session.$io", tokenFor(CHAT), {
    "last-event-id": "12",
    "x-peek-settled": "1",
    "timeout-seconds": "120",
  }),
  read(
    "side channel",
    `${SESSION}/channels/notes.v1-a_b/out`,
    "realtime.v1.sessions.$session.channels.$name.$io",
    tokenFor(CHAT),
  ),
  read(
    "side channel's records",
    `${SESSION}/channels/notes/in/records?afterEventId=3`,
    "realtime.v1.sessions.$session.channels.$name.$io.records",
    tokenFor(CHAT),
  ),
  { ...read("probe", `${SESSION}/out`, "realtime.v1.sessions.$session.$io", tokenFor(CHAT)), method: "HEAD" },
  {
    ...read(
      "transcript",
      `/api/v1/sessions/${CHAT}/transcript?limit=20`,
      "api.v1.sessions.$session.transcript",
      tokenFor(CHAT),
    ),
    chats: false,
  },
  {
    ...read(
      "snapshot's address",
      `/api/v1/sessions/${CHAT}/snapshot-url`,
      "api.v1.sessions.$sessionId.snapshot-url",
      tokenFor(CHAT),
    ),
    chats: false,
  },
  {
    ...read(
      "run, live",
      "/realtime/v1/runs/run_1?columns=id%2Cstatus&live=true&handle=1-2",
      "realtime.v1.runs.$runId",
      tokenFor(CHAT),
    ),
    chats: false,
  },
  {
    ...read("runs by tag", "/realtime/v1/runs?tags=chat%3A1%2Ca%2Fb&createdAt=1h", "realtime.v1.runs", tokenFor(CHAT)),
    chats: false,
  },
  {
    ...read("stream of a run", "/realtime/v1/streams/run_1/ai", "realtime.v1.streams.$runId.$streamId", tokenFor(CHAT)),
    chats: false,
  },
];
