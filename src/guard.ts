/**
 * What a public token may not do through the proxy. Server tokens are held to none of it.
 *
 * @module
 */
import { kindOf, readValue } from "./body.ts";
import { Refusal, type RefusalCode } from "./errors.ts";
import type { RouteName } from "./routes.ts";
import type { Shape, Value } from "./splice.ts";
import { type Caller, writableSessions } from "./tokens.ts";

/**
 * - `standard`: the few calls that would let a browser write where the proxy does not look are refused.
 * - `chat`: public tokens may create, append and read a chat, and nothing else.
 * - `off`: nothing is refused for who calls. Stamping and forwarding keep all their rules.
 */
export type GuardSetting = "standard" | "chat" | "off";

const REFUSED: Partial<Record<RouteName, readonly [method: string, code: RefusalCode]>> = {
  channel: ["PUT", "edge_credentials_refused"],
  snapshot: ["PUT", "edge_snapshot_refused"],
  "end-and-continue": ["POST", "edge_handover_refused"],
};

const CHAT: Partial<Record<RouteName, readonly string[]>> = {
  create: ["POST"],
  append: ["POST"],
  channel: ["GET", "HEAD"],
  records: ["GET", "HEAD"],
  pass: ["POST"],
  jwks: ["GET", "HEAD"],
};

/** Judges a call by its route and caller. Throws where a public token may not make it. */
export function guardHead(setting: GuardSetting, caller: Caller, route: RouteName, method: string): void {
  if (caller === "server" || setting === "off") return;
  const refused = REFUSED[route];
  if (refused !== undefined && refused[0] === method) throw new Refusal(refused[1]);
  if (setting === "chat" && !CHAT[route]?.includes(method)) throw new Refusal("edge_route_refused");
}

const SERVER_FIELDS = ["continuation", "previousRunId", "channelEvent", "actionSource"] as const;

/** The keys of a chat payload that {@link guardPayload} judges: the scan keeps them for it. */
export const GUARDED_PAYLOAD: Shape = {
  chatId: null,
  sessionId: null,
  message: { id: null, role: null },
  ...Object.fromEntries(SERVER_FIELDS.map((field) => [field, null])),
};

/** Judges an append that is no message: hand-over records are the server's to send. */
export function guardRecord(text: string, root: Value | undefined): void {
  const kind = root && kindOf(text, root);
  if (kind === "handover" || kind === "handover-skip") throw new Refusal("edge_record_kind");
}

/**
 * Judges a chat payload. `chats` are the ids that it may name as its chat, `allowSystem` lets
 * messages with the role `system` through.
 */
export function guardPayload(text: string, payload: Value | undefined, chats: readonly string[], allowSystem: boolean): void {
  const members = payload?.members;
  if (payload === undefined || members === undefined) return;
  if (payload.repeated !== undefined || members["message"]?.repeated !== undefined) throw new Refusal("edge_key_repeated");
  for (const key of ["chatId", "sessionId"]) {
    const value = members[key];
    if (value !== undefined && !chats.includes(readValue(text, value) as string)) throw new Refusal("edge_chat_mismatch");
  }
  if (SERVER_FIELDS.some((field) => members[field] !== undefined)) throw new Refusal("edge_server_field");
  const role = readValue(text, members["message"]?.members?.["role"]);
  if (role === "system" && !allowSystem) throw new Refusal("edge_message_role");
}

/**
 * The ids by which an append's payload may name its chat: the path's, and where that is a
 * `session_…` id, those that the token may write to. The token is decoded, not verified: the
 * upstream verifies it.
 */
export function chatsOf(session: string, authorization: string | null): readonly string[] {
  return session.startsWith("session_") ? [session, ...writableSessions(authorization)] : [session];
}
