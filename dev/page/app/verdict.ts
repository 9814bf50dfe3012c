/** What became of a message, in one look. */

import { at, type Json, parseJson } from "./json.ts";
import type { Turn } from "./turns.ts";

/** `good`: the edge's word stands. `stopped`: it went no further. `bad`: a claim was believed. `open`: not known yet. */
export type Tone = "good" | "stopped" | "bad" | "open";

export interface Verdict {
  readonly tone: Tone;
  readonly label: string;
  /** What the page claimed under the namespace. */
  readonly claimed: Json | undefined;
  /** What Trigger.dev got under it. */
  readonly stamp: Json | undefined;
}

/** The metadata of a body: where clients put client data. */
export function metadataOf(turn: Turn, body: Turn["sent"]): Json | undefined {
  const path = turn.use === "create" ? ["triggerConfig", "basePayload", "metadata"] : ["payload", "metadata"];
  return at(parseJson(body?.text), ...path);
}

export function verdictOf(turn: Turn, namespace: string): Verdict {
  const claimed = at(metadataOf(turn, turn.around ? turn.reached : turn.sent), namespace);
  const stamp = at(metadataOf(turn, turn.reached), namespace);
  return { claimed, stamp, ...judge(turn, claimed !== undefined) };
}

function judge(
  { around, refused, error, unproven, reached, saw }: Turn,
  isForged: boolean,
): Pick<Verdict, "tone" | "label"> {
  if (refused !== undefined) return { tone: "stopped", label: "refused by the proxy" };
  if (error !== undefined) return { tone: "stopped", label: labelOfError(around, isForged, unproven) };
  if (around) {
    if (saw === undefined) return { tone: "open", label: "around the proxy" };
    return isForged
      ? { tone: "bad", label: "a forgery was believed" }
      : { tone: "bad", label: "taken without a stamp" };
  }
  if (reached === undefined) return { tone: "open", label: "on its way" };
  return isForged ? { tone: "good", label: "forgery removed, stamped" } : { tone: "good", label: "stamped" };
}

function labelOfError(around: boolean, isForged: boolean, unproven: string | undefined): string {
  if (!around && unproven === undefined) return "turned down by the agent";
  return around && !isForged ? "turned down: no stamp" : "turned down: no proof";
}
