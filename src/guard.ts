/**
 * What a public token may not do through the proxy. Server tokens are held to none of it.
 *
 * @module
 */
import { kindOf, readString } from "./body.ts";
import { Refusal, type RefusalCode } from "./errors.ts";
import type { RouteName } from "./routes.ts";
import { SERVER_FIELDS } from "./shapes.ts";
import { member, type Source, type Value } from "./scan.ts";
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
};

/** Judges a call by its route and caller. Throws where a public token may not make it. */
export function guardHead(setting: GuardSetting, caller: Caller, route: RouteName, method: string): void {
  if (caller === "server" || setting === "off") return;
  const refused = REFUSED[route];
  if (refused !== undefined && refused[0] === method) throw new Refusal(refused[1]);
  if (setting === "chat" && !CHAT[route]?.includes(method)) throw new Refusal("edge_route_refused");
}

/** Judges an append that is no message: hand-over records are the server's to send. */
export function guardRecord(source: Source, root: Value | undefined): void {
  const kind = root && kindOf(source, root);
  if (kind === "handover" || kind === "handover-skip") throw new Refusal("edge_record_kind");
}

/**
 * Judges a chat payload. `chats` are the ids that it may name as its chat, `allowSystem` lets
 * messages with the role `system` through.
 */
export function guardPayload(
  source: Source,
  payload: Value | undefined,
  chats: readonly string[],
  allowSystem: boolean,
): void {
  if (payload?.object === undefined) return;
  const message = member(payload, "message");
  if (payload.object.repeated !== undefined || message?.object?.repeated !== undefined) {
    throw new Refusal("edge_key_repeated");
  }
  for (const key of ["chatId", "sessionId"]) {
    const value = member(payload, key);
    if (value === undefined) continue;
    const id = readString(source, value);
    if (id === undefined || !chats.includes(id)) throw new Refusal("edge_chat_mismatch");
  }
  const set = SERVER_FIELDS.find((field) => member(payload, field) !== undefined);
  if (set !== undefined) throw new Refusal("edge_server_field", { detail: set });
  const role = readString(source, member(message, "role"));
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
