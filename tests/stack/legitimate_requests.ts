/**
 * What the SDK and its users really send, in the SDK's own forms: nothing of it may be refused. Each request says which
 * route of the stack must take it.
 */
import { NAMESPACE } from "../unit/properties/through_proxy.ts";
import { ids, reads, submit, transport } from "./legitimate_chats.ts";
import { APPEND, CHAT, type Legitimate, message, plain, SERVER } from "./legitimate_forms.ts";
import { creates, others } from "./legitimate_others.ts";

const SESSION = `/realtime/v1/sessions/${CHAT}`;
/** What only a server may do; it may do all of it. */
const server = (one: Legitimate): Legitimate => ({
  ...one,
  name: `server: ${one.name}`,
  authorization: SERVER,
  chats: true,
});
const forged = { payload: { metadata: { [NAMESPACE]: { botScore: 1 } } } };
const servers: readonly Legitimate[] = [
  ...[...transport, ...reads, ...others].map(server),
  ...(["in", "out", "channels/notes/in", "channels/notes/out"] as const).map((io) => ({
    ...server(
      plain(
        `credentials of ${io}`,
        `${SESSION}/${io}`,
        io.startsWith("channels")
          ? "realtime.v1.sessions.$session.channels.$name.$io"
          : "realtime.v1.sessions.$session.$io",
        "",
      ),
    ),
    method: "PUT",
  })),
  server(plain("out", `${SESSION}/out/append`, APPEND, { type: "text-delta", delta: "hi" })),
  server(
    plain("hand-over", `${SESSION}/in/append`, APPEND, {
      kind: "handover",
      partialAssistantMessage: [],
      isFinal: true,
    }),
  ),
  server(plain("hand-over, skipped", `${SESSION}/in/append`, APPEND, { kind: "handover-skip" })),
  server(
    plain(
      "end and continue",
      `/api/v1/sessions/${CHAT}/end-and-continue`,
      "api.v1.sessions.$session.end-and-continue",
      { callingRunId: "run_1", reason: "upgrade" },
    ),
  ),
  server(plain("close", `/api/v1/sessions/${CHAT}/close`, "api.v1.sessions.$session.close", { reason: "done" })),
  server({
    ...plain("update", `/api/v1/sessions/${CHAT}`, "api.v1.sessions.$session", { tags: ["c"] }),
    method: "PATCH",
  }),
  server({
    ...plain("snapshot", `/api/v1/sessions/${CHAT}/snapshot-url`, "api.v1.sessions.$sessionId.snapshot-url", ""),
    method: "PUT",
  }),
  server({ ...plain("packet", "/api/v2/packets/run_1%2Fpayload.json", "api.v2.packets.$", ""), method: "PUT" }),
  server(plain("claims", "/api/v1/auth/jwt/claims", "api.v1.auth.jwt.claims", "")),
  server(
    plain(
      "waiting for a session",
      "/api/v1/runs/run_1/session-streams/wait",
      "api.v1.runs.$runFriendlyId.session-streams.wait",
      { session: CHAT, io: "in" },
    ),
  ),
  server(
    plain("trigger with the namespace in it", "/api/v1/tasks/chat/trigger", "api.v1.tasks.$taskId.trigger", forged),
  ),
  server(
    plain("trigger with a stored payload", "/api/v1/tasks/chat/trigger", "api.v1.tasks.$taskId.trigger", {
      payload: "packets/1",
      options: { payloadType: "application/store" },
    }),
  ),
  server(
    plain(
      "side channel with the namespace in it",
      `${SESSION}/channels/n/in/append`,
      "realtime.v1.sessions.$session.channels.$name.$io.append",
      forged,
    ),
  ),
  server(
    message("message of the system's, in another chat", {
      ...submit("hi"),
      message: { id: "m", role: "system", parts: [] },
      chatId: "other",
      continuation: true,
    }),
  ),
];

/** All of them. */
export const LEGITIMATE: readonly Legitimate[] = [...transport, ...ids, ...reads, ...others, ...creates, ...servers];
