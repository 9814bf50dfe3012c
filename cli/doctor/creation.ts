/**
 * Creations with a forged key, and what became of them.
 *
 * @module
 */
import type { Inside } from "./inside.ts";
import { CREATE, createOf, NO_CHAT } from "./requests.ts";
import { isRefused, type World } from "./world.ts";

/** What became of one: refused, stamped, forged, without a stamp, or there is no telling. */
export type Fate = "refused" | "stamped" | "forged" | "unstamped" | "unseen";

/** How one is sent, where that is not plain. */
export interface Manner {
  readonly path?: string;
  readonly write?: (plain: string) => string | Uint8Array;
}

/** Creates a session through the proxy with the secret key, and looks upstream. It is ended with the doctor's others. */
export async function createForged(world: World, inside: Inside, namespace: string, manner: Manner): Promise<Fate> {
  const { path = CREATE, write = (plain) => plain } = manner;
  const chat = inside.nextChat();
  const nonce = crypto.randomUUID();
  const body = write(createOf(inside.task, chat, { userId: NO_CHAT, [namespace]: { forged: nonce } }));
  const answer = await world.wire.send({ path, token: inside.secretKey, body });
  const session = await inside.upstream.read(chat);
  if (session === undefined) return isRefused(answer) ? "refused" : "unseen";
  const config = JSON.stringify(session["triggerConfig"] ?? "");
  if (config.includes(nonce)) return "forged";
  return config.includes(`${JSON.stringify(namespace)}:`) ? "stamped" : "unstamped";
}
