/** A request that must never be refused, and how the SDK makes the usual ones. */
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
/** The route of appends, side channels' aside. */
export const APPEND: RouteFile = "realtime.v1.sessions.$session.$io.append";

/** A public token for a chat, with the scheme. */
export const tokenFor = (chat: string): string =>
  `Bearer ${publicToken(`read:sessions:${chat}`, `write:sessions:${chat}`)}`;
/** The secret key, with the scheme. */
export const SERVER = `Bearer ${SECRET_KEY}`;
/** The headers that the transport sends along. */
export const BROWSER = {
  "content-type": "application/json",
  "x-trigger-source": "sdk",
  "x-part-id": "4f1c0a52-96f6-4c87-b6b0-a3b1fd4f35c0",
};
/** Metadata as a page sends it, with a forgery. */
export const metadata = { userId: "user-1", [NAMESPACE]: { botScore: 99 } };
/** A message of a user's. */
export const user = (text: string): object => ({ id: "m-1", role: "user", parts: [{ type: "text", text }] });

/** A message on a chat's `in`, as the transport sends it. */
export function message(name: string, payload: object, more: Partial<Legitimate> & { chat?: string } = {}): Legitimate {
  const { chat = CHAT, ...rest } = more;
  return {
    name,
    method: "POST",
    path: `/realtime/v1/sessions/${encodeURIComponent(chat)}/in/append`,
    authorization: tokenFor(chat),
    headers: BROWSER,
    body: { kind: "message", payload: { ...payload, chatId: chat, metadata } },
    route: APPEND,
    stamped: "append",
    chats: true,
    ...rest,
  };
}

/** A subscription, or another read. */
export function read(
  name: string,
  path: string,
  route: RouteFile,
  authorization: string,
  headers: Record<string, string> = {},
): Legitimate {
  return {
    name,
    method: "GET",
    path,
    authorization,
    headers: { accept: "text/event-stream", ...headers },
    route,
    chats: true,
  };
}

/** Posts in which nothing is stamped. */
export function plain(
  name: string,
  path: string,
  route: RouteFile,
  body: object | string | Uint8Array,
  more: Partial<Legitimate> = {},
): Legitimate {
  return { name, method: "POST", path, authorization: tokenFor(CHAT), headers: BROWSER, body, route, ...more };
}

/** A session's creation. */
export function create(
  name: string,
  externalId: string | undefined,
  basePayload: object,
  more: Partial<Legitimate> = {},
): Legitimate {
  const body = {
    type: "chat.agent",
    ...(externalId === undefined ? {} : { externalId }),
    taskIdentifier: "chat",
    triggerConfig: { basePayload, tags: ["a"] },
    tags: ["b"],
    metadata: { plan: "free" },
  };
  return {
    name,
    method: "POST",
    path: "/api/v1/sessions",
    authorization: SERVER,
    headers: BROWSER,
    body,
    route: "api.v1.sessions",
    stamped: "create",
    chats: true,
    ...more,
  };
}
