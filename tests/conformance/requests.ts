/**
 * Requests as chat clients send them, and tokens of each class.
 */
import type { Field } from "./http1.ts";
import { NAMESPACE } from "../runtime/signals.ts";

/** The chat of most cases: the id that the app gave it. */
export const CHAT = "chat-1";

/** Its id at Trigger.dev. */
export const SESSION_ID = "session_cm3xk2l9q0001abcd";

/** What a browser would like the agent to believe. */
export const FORGED = { botScore: 1_000_000, forged: true };

/** The forged member as JSON text: `"__edge":{…}`. */
export const FORGED_MEMBER = `"${NAMESPACE}":${JSON.stringify(FORGED)}`;

/** `POST` here creates a session. */
export const CREATE = "/api/v1/sessions";

/** `POST` here appends to the chat. */
export const APPEND = `/realtime/v1/sessions/${CHAT}/in/append`;

/** `PUT` here would hand out stream credentials. */
export const CHANNEL = `/realtime/v1/sessions/${CHAT}/in`;

/** An unsigned token with these claims: the proxy only reads tokens, the upstream verifies them. */
export function jwt(claims: object, header: object = { alg: "HS256", typ: "JWT" }): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part(header)}.${part(claims)}.c2lnbmF0dXJl`;
}

const scopes = [`read:sessions:${CHAT}`, `write:sessions:${CHAT}`];

/** What a browser holds. */
export const PUBLIC_TOKEN: string = jwt({ pub: true, sub: "env_1", scopes, exp: 4_102_444_800 });

/** What an app's server holds. */
export const SECRET_KEY = "tr_dev_k3n9XcVbQ2";

/** What a run holds. */
export const RUN_TOKEN: string = jwt({ sub: "run_1" }, { alg: "HS256", typ: "run+jwt" });

/** An Authorization field. */
export function bearer(token: string): Field {
  return ["Authorization", `Bearer ${token}`];
}

/** The fields that a chat client sends in JSON. */
export function asCaller(token: string, ...more: Field[]): Field[] {
  return [bearer(token), ["Content-Type", "application/json"], ...more];
}

/** A create's body as the SDK sends it, its metadata forged. */
export function createBody(metadata: string = `{"userId":"u1",${FORGED_MEMBER}}`): string {
  return `{"type":"chat.agent","externalId":"${CHAT}","taskIdentifier":"my-agent","triggerConfig":{"basePayload":` +
    `{"chatId":"${CHAT}","trigger":"preload","metadata":${metadata}}}}`;
}

/** A message as the SDK sends it, its metadata forged. */
export function messageBody(metadata: string = `{"userId":"u1",${FORGED_MEMBER}}`): string {
  return `{"kind":"message","payload":{"message":{"id":"m1","role":"user","parts":[{"type":"text","text":"hi"}]},` +
    `"chatId":"${CHAT}","trigger":"submit-message","metadata":${metadata}}}`;
}
