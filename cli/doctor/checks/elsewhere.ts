/**
 * `elsewhere`: where nothing is stamped, no public token brings the proxy's key along.
 *
 * @module
 */
import { badToken, escapedKey, NO_CHAT } from "../requests.ts";
import { broken, type Check, holds, list, unknown } from "../verdict.ts";
import { letThrough } from "../world.ts";

const SIDE = `/realtime/v1/sessions/${NO_CHAT}/channels/side/in/append`;
const TRIGGER = "/api/v1/tasks/edgestamp-doctor/trigger";

type Call = readonly [name: string, path: string, body: (key: string, text: string) => string];

const CALLS: readonly Call[] = [
  ["a side channel", SIDE, (key) => `{${key}:{}}`],
  ["a side channel, in escapes", SIDE, (_, text) => `{${escapedKey(text)}:{}}`],
  ["a side channel, in a string", SIDE, (key) => JSON.stringify(`{${key}:{}}`)],
  ["a direct trigger", TRIGGER, (key) => `{"payload":{"metadata":{${key}:{}}}}`],
  [
    "a payload that lies elsewhere",
    TRIGGER,
    () => '{"payload":"x.json","options":{"payloadType":"application/store"}}',
  ],
  ["a batch", "/api/v3/batches/none/items", (key) => `{"payload":{"metadata":{${key}:{}}}}\n`],
];

export const elsewhere: Check = {
  name: "elsewhere",
  async judge(world) {
    const { namespace } = world;
    if (namespace === undefined) return unknown("The proxy's key is not known: give its namespace with --namespace.");
    const token = badToken(NO_CHAT);
    const key = JSON.stringify(namespace);
    const through = await letThrough(
      world,
      CALLS.map(([name, path, write]) => [name, { path, token, body: write(key, namespace) }]),
    );
    if (through.length === 0) return holds("The key is refused from public tokens wherever nothing is stamped.");
    return broken(`The key gets through where nothing is stamped, by ${list(through)}: use guard standard or chat.`);
  },
};
