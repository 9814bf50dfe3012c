/**
 * `chat`: a public token speaks for its own chat, and says nothing that is the server's to say.
 *
 * @module
 */
import { appendTo, badToken, CREATE, createOf, messageOf, NO_CHAT, payloadOf } from "../requests.ts";
import { broken, type Check, holds, list } from "../verdict.ts";
import { letThrough } from "../world.ts";

const APPEND = appendTo(NO_CHAT);
const PAYLOAD = payloadOf(NO_CHAT, {});

const CALLS: readonly (readonly [name: string, path: string, body: string])[] = [
  ["a message that names another chat", APPEND, messageOf({ ...PAYLOAD, chatId: "another" })],
  ["a message that names another session", APPEND, messageOf({ ...PAYLOAD, sessionId: "another" })],
  [
    "a creation that names another chat",
    CREATE,
    createOf("none", NO_CHAT, {}).replace('"chatId":"', '"chatId":"another-'),
  ],
  ["a continuation", APPEND, messageOf({ ...PAYLOAD, continuation: true })],
  ["a channel's event", APPEND, messageOf({ ...PAYLOAD, channelEvent: {} })],
  ["a webhook's action", APPEND, messageOf({ ...PAYLOAD, actionSource: "webhook" })],
  ["a hand-over", APPEND, '{"kind":"handover","payload":{}}'],
];

export const chat: Check = {
  name: "chat",
  async judge(world) {
    const token = badToken(NO_CHAT);
    const through = await letThrough(world, CALLS.map(([name, path, body]) => [name, { path, token, body }]));
    if (through.length === 0) return holds("Public tokens speak for their own chat only, and not for the server.");
    return broken(
      `What only a server may say goes through from public tokens: ${list(through)}. Use guard standard or chat.`,
    );
  },
};
