/**
 * What the doctor sends: paths, bodies, tokens.
 *
 * @module
 */

/** `POST` here creates a session. */
export const CREATE = "/api/v1/sessions";

/** The chat of what is not to arrive anywhere. */
export const NO_CHAT = "edgestamp-doctor";

/** `POST` here appends to a chat. */
export const appendTo = (chat: string): string => `/realtime/v1/sessions/${encodeURIComponent(chat)}/in/append`;

/** A chat's incoming or outgoing channel. */
export const channelOf = (chat: string, io: "in" | "out"): string =>
  `/realtime/v1/sessions/${encodeURIComponent(chat)}/${io}`;

/** Where a proxy serves its public keys. */
export const JWKS = "/.well-known/edgestamp/jwks.json";

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

/** A public token's form, for `chat`, which no upstream accepts: its signature is none. */
export function badToken(chat: string): string {
  const scopes = [`read:sessions:${chat}`, `write:sessions:${chat}`];
  return `${part({ alg: "HS256" })}.${part({ sub: NO_CHAT, pub: true, scopes, exp: 1 })}.${part("no signature")}`;
}

/** The payload of a message, with `metadata` as it is given. */
export function payloadOf(chat: string, metadata: unknown, messageId: string = crypto.randomUUID()): Payload {
  return {
    message: { id: messageId, role: "user", parts: [{ type: "text", text: "This is edgestamp doctor." }] },
    chatId: chat,
    trigger: "submit-message",
    metadata,
  };
}

export interface Payload {
  readonly message: { readonly id: string; readonly role: string; readonly parts: readonly object[] };
  readonly chatId: string;
  readonly trigger: string;
  readonly metadata: unknown;
}

/** An append's body. */
export function messageOf(payload: object): string {
  return JSON.stringify({ kind: "message", payload });
}

/** A create's body. */
export function createOf(task: string, chat: string, metadata: unknown): string {
  const basePayload = { chatId: chat, trigger: "preload", metadata };
  return JSON.stringify({ type: "chat.agent", externalId: chat, taskIdentifier: task, triggerConfig: { basePayload } });
}

/** A body that edgestamp refuses where it is about to stamp, and nowhere else: a key that decides is there twice. */
export const APPEND_TELL = '{"kind":"message","kind":"message","payload":{}}';

/** The same for a create. */
export const CREATE_TELL = '{"triggerConfig":{},"triggerConfig":{}}';

/** The same for an append, where the proxy stamps `namespace` and no other key. */
export const namespaceTell = (namespace: string): string => {
  const key = JSON.stringify(namespace);
  return `{"kind":"message","payload":{"metadata":{${key}:1,${key}:2}}}`;
};

/** A key of JSON in another spelling: its first letter as an escape. */
export function escapedKey(key: string): string {
  return `"\\u${key.charCodeAt(0).toString(16).padStart(4, "0")}${JSON.stringify(key.slice(1)).slice(1, -1)}"`;
}
