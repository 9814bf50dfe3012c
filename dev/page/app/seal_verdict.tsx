/** What proves where a stamp comes from. */

import type { PageConfig } from "../../inspector_facts.ts";
import type { Turn } from "./turns.ts";

/** Why a seal does not hold. The agent's users are not told; whoever plays both sides is. */
const WHY: Readonly<Record<string, string>> = {
  missing: "There is no stamp to prove anything.",
  unsealed: "The stamp has no proof: the proxy did not write it.",
  invalid: "The proof is broken, or by another key.",
  audience: "The proof is for another agent.",
  chat: "The proof is of another chat.",
  message: "The proof is of another message.",
  use: "The proof is of a session's creation, not of a message.",
  expired: "The proof is too old.",
  replayed: "The proof was used before.",
};

export function SealVerdict({ turn, seal }: { turn: Turn; seal: PageConfig["seal"] }) {
  const { saw, unproven, error, refused, use } = turn;
  if (seal === "none") return <Unsealed turn={turn} />;
  if (unproven !== undefined) {
    return (
      <p className="note">
        <b className="fails">Does not hold.</b> {WHY[unproven] ?? unproven}
      </p>
    );
  }
  if (saw !== undefined) {
    return (
      <p className="note">
        <b className="holds">Holds.</b> The agent checked it: the proxy wrote this stamp, for this{" "}
        {use === "create" ? "chat" : "chat and this message"}
        {seal === "encrypted" ? ", and nobody but the agent could read it." : "."}
      </p>
    );
  }
  return (
    <p className="note">
      {error === undefined && refused === undefined ? "Not yet …" : "Not checked: it did not come so far."}
    </p>
  );
}

function Unsealed({ turn }: { turn: Turn }) {
  return (
    <p className="note">
      <b>No seal.</b> {turn.around && turn.saw !== undefined
        ? "Nothing proved where these signals came from, so the agent believed the page."
        : "The proxy writes the stamp, but nothing in the stamp proves it."} To see proofs, start it with{" "}
      <code>EDGE_SEAL=signed</code>.
    </p>
  );
}
