/**
 * `credentials`: a public token gets no credentials of the stream store, by whatever spelling of the token.
 *
 * @module
 */
import { badToken, channelOf, NO_CHAT } from "../requests.ts";
import { broken, type Check, holds, list } from "../verdict.ts";
import type { Sent } from "../wire.ts";
import { letThrough } from "../world.ts";

const TOKEN = badToken(NO_CHAT);
const IN = channelOf(NO_CHAT, "in");

const CALLS: readonly (readonly [name: string, request: Sent])[] = [
  ["the incoming channel", { path: IN, token: TOKEN }],
  ["the outgoing channel", { path: channelOf(NO_CHAT, "out"), token: TOKEN }],
  ["a side channel", { path: `/realtime/v1/sessions/${NO_CHAT}/channels/side/in`, token: TOKEN }],
  ["a token without its scheme", { path: IN, fields: [["Authorization", TOKEN]] }],
  ["a token beside a key", { path: IN, fields: [["Authorization", `Bearer ${TOKEN}, Bearer tr_dev_none`]] }],
  ["no token", { path: IN }],
];

export const credentials: Check = {
  name: "credentials",
  async judge(world) {
    const through = await letThrough(world, CALLS.map(([name, request]) => [name, { ...request, method: "PUT" }]));
    if (through.length === 0) return holds("Public tokens get no credentials of the stream store.");
    return broken(
      `Asking for the stream store's credentials goes through to Trigger.dev (${
        list(through)
      }): use guard standard or chat.`,
    );
  },
};
