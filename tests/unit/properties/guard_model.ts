/** What a public token may put into a chat's payload, said once more: the rules, without the code. */
import type { Doc } from "./spelling.ts";

/** A call whose payload is judged. */
export interface Case {
  readonly use: "create" | "append";
  /** The append path's id, decoded. */
  readonly session: string;
  /** The ids that the token's `write:sessions:` scopes name. */
  readonly scopes: readonly string[];
  /** A create's `externalId`; `undefined` for none. */
  readonly externalId: Doc | undefined;
  readonly kind: string;
  readonly payload: Doc;
  readonly allowSystem: boolean;
}

/** The codes with which the call may be refused; none where it must pass. */
export function judge({ use, session, scopes, externalId, kind, payload, allowSystem }: Case): string[] {
  if (use === "append" && kind !== "message") return /^handover(-skip)?$/.test(kind) ? ["edge_record_kind"] : [];
  if (payload.type !== "object") {
    return payload.type === "literal" && payload.text === "null" ? [] : ["edge_container_type"];
  }
  const codes: string[] = [];
  // The upstream trims the one, and reads a `%2F` that is left in the other as a slash.
  const own = use === "append" ? session.replaceAll("%2F", "/") : stringIn(externalId)?.trim();
  const chats = [own, ...(use === "append" && session.startsWith("session_") ? scopes : [])];
  for (const name of ["chatId", "sessionId"]) {
    const ids = all(payload, name);
    if (ids.length > 1) codes.push("edge_key_repeated");
    for (const id of ids) {
      const chat = stringIn(id);
      if (chat === undefined || !chats.includes(chat)) codes.push("edge_chat_mismatch");
    }
  }
  for (const name of ["continuation", "previousRunId", "channelEvent", "actionSource", "headStartMessages"]) {
    const set = all(payload, name);
    if (set.length > 0) codes.push("edge_server_field");
    if (set.length > 1) codes.push("edge_key_repeated");
  }
  // What a seal binds must not be read in two ways either.
  if (["trigger", "messageId", "action"].some((name) => all(payload, name).length > 1)) codes.push("edge_key_repeated");
  const messages = all(payload, "message");
  if (messages.length > 1) codes.push("edge_key_repeated");
  for (const message of messages) {
    const roles = all(message, "role");
    if (roles.length > 1 || all(message, "id").length > 1) codes.push("edge_key_repeated");
    if (!allowSystem && roles.some((role) => stringIn(role) === "system")) codes.push("edge_message_role");
  }
  return codes;
}

function all(doc: Doc, name: string): Doc[] {
  return doc.type === "object" ? doc.members.filter(([key]) => key === name).map(([, value]) => value) : [];
}

function stringIn(doc: Doc | undefined): string | undefined {
  return doc?.type === "string" ? doc.value : undefined;
}
