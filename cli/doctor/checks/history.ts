/**
 * `history`: a public token replaces no chat's history and ends no run.
 *
 * @module
 */
import { badToken, CREATE, NO_CHAT } from "../requests.ts";
import { broken, type Check, holds, list } from "../verdict.ts";
import type { Sent } from "../wire.ts";
import { letThrough } from "../world.ts";

const token = badToken(NO_CHAT);
const CALLS: readonly (readonly [name: string, request: Sent])[] = [
  ["replacing a snapshot", { method: "PUT", path: `${CREATE}/${NO_CHAT}/snapshot-url`, token, body: "" }],
  ["ending a run", { path: `${CREATE}/${NO_CHAT}/end-and-continue`, token, body: "{}" }],
];

export const history: Check = {
  name: "history",
  async judge(world) {
    const through = await letThrough(world, CALLS);
    if (through.length === 0) return holds("Public tokens replace no history and end no run.");
    return broken(`Public tokens get through to Trigger.dev with ${list(through)}: use guard standard or chat.`);
  },
};
