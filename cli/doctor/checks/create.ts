/**
 * `create`: a session's creation carries the edge's stamp, whatever the caller put under the key.
 *
 * @module
 */
import { createForged, type Fate, type Manner } from "../creation.ts";
import { escapedKey } from "../requests.ts";
import { broken, type Check, holds, list, needsInside, unknown, type Verdict } from "../verdict.ts";
import { eachOf } from "../wire.ts";

const WAYS: readonly (readonly [name: string, manner: (namespace: string) => Manner])[] = [
  ["a forged key", () => ({})],
  ["a forged key in escapes", (namespace) => ({
    write: (plain) => plain.replace(JSON.stringify(namespace), () => escapedKey(namespace)),
  })],
];

export const create: Check = {
  name: "create",
  async judge(world) {
    const { inside, namespace } = world;
    if (inside === undefined) return needsInside("What a creation carries");
    if (namespace === undefined) return unknown("The proxy's key is not known: give its namespace with --namespace.");
    return sum(await eachOf(WAYS, ([, manner]) => createForged(world, inside, namespace, manner(namespace))));
  },
};

function sum(fates: readonly Fate[]): Verdict {
  const by = (wanted: Fate): string[] => WAYS.filter((_, i) => fates[i] === wanted).map(([name]) => name);
  const forged = by("forged");
  if (forged.length > 0) {
    return broken(`What a caller put under the key arrived, by ${list(forged)}: create sessions through edgestamp.`);
  }
  const unstamped = by("unstamped");
  if (unstamped.length > 0) {
    return broken(`Sessions arrived without a stamp, by ${list(unstamped)}: the key is to be always written.`);
  }
  if (fates[0] === "stamped") return holds("A forged key is replaced by the stamp.");
  return unknown(
    "No creation arrived: check that --upstream is where the proxy forwards to, and name a task with --task.",
  );
}
