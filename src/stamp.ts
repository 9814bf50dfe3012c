/**
 * What is written of the signals: the stamp.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import type { Sealer, StampContext } from "./ports.ts";
import type { Json, Signals } from "./trust.ts";

/** Names inside a stamp that a seal uses; signals may not have them where stamps are sealed. */
const RESERVED = ["proof", "sealed"];

/**
 * The stamp as JSON text in ASCII: the signals, or what the sealer makes of them. `null` where a provider had
 * nothing to say: the key is written even so, for an absent one could be inherited or forged.
 */
export async function makeStamp(
  signals: Signals | null,
  sealer: Sealer | undefined,
  context: () => StampContext,
): Promise<string> {
  if (sealer === undefined) return toJson(signals);
  if (signals !== null && RESERVED.some((name) => Object.hasOwn(signals, name))) {
    throw new Refusal("edge_trust_unavailable", {
      cause: new Error(`a signal is called ${RESERVED.join(" or ")}, which is the seal's`),
    });
  }
  return toJson(await sealer.seal(signals, context()));
}

/** A value as JSON text in ASCII. Throws `edge_trust_unavailable` for what JSON cannot carry. */
export function toJson(value: Json): string {
  try {
    return JSON.stringify(value).replace(NOT_ASCII, escape);
  } catch (cause) {
    throw new Refusal("edge_trust_unavailable", { cause });
  }
}

// A stamp in ASCII is as long in bytes as in characters, which is what the splice counts on.
const NOT_ASCII = /[^\0-\x7f]/g;

function escape(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
