/**
 * `seal`: stamps prove themselves, and the proof is of the message that it came with.
 *
 * @module
 */
import { isDeepStrictEqual } from "node:util";
import { hashMessage } from "../../../src/seal/canonical.ts";
import type { Delivered } from "../inside.ts";
import { readStamp, servedKeys, type Stamp } from "../stamp.ts";
import { broken, type Check, holds, unknown, type Verdict } from "../verdict.ts";
import { parseJson } from "../wire.ts";
import type { World } from "../world.ts";

export const seal: Check = {
  name: "seal",
  async judge(world) {
    if (world.inside === undefined) return await fromOutside(world);
    return await judge(world, await readStamp(world));
  },
};

async function fromOutside(world: World): Promise<Verdict> {
  const keys = await servedKeys(world);
  return unknown(
    keys === undefined
      ? "No public keys are served: stamps are encrypted or not sealed, which can be seen only with --secret-key."
      : "Public keys are served; whether stamps verify with them can be seen only with --secret-key.",
  );
}

async function judge({ first, inside }: World, stamp: Stamp): Promise<Verdict> {
  switch (stamp.kind) {
    case "unseen":
    case "absent":
      return unknown("No stamp arrived that could be read.");
    case "unsealed":
      return broken(
        "Stamps carry no proof, so who has a chat's token can write them to Trigger.dev directly: set EDGE_SEAL and EDGE_SEAL_KEY.",
      );
    case "locked":
      return stamp.isEncrypted ? unknown("Stamps are encrypted: give the agent's secret with --keys.") : broken(
        "Stamps are signed, but no public keys are served: give the agent's with --keys, or let the proxy answer /.well-known/edgestamp/.",
      );
    case "invalid":
      return broken(`A stamp does not verify: ${stamp.why}.`);
    case "opened": {
      const odd = await mismatch(stamp, first!, inside!.session.chat);
      return odd === undefined
        ? holds("A stamp verifies, and its proof is of this chat and this message.")
        : broken(`A stamp verifies, but its proof is of another ${odd}: let nothing behind the proxy change messages.`);
    }
  }
}

async function mismatch(
  { claims, value }: Stamp & { kind: "opened" },
  { data, partId }: Delivered,
  chat: string,
): Promise<string | undefined> {
  const payload = parseJson(data ?? "")?.["payload"] as { message?: { id?: string } } | undefined;
  if (claims.use !== "append") return "use";
  if (claims.sub !== chat) return "chat";
  if (claims.jti !== partId) return "part";
  if (claims.mid !== payload?.message?.id || claims.mh !== await hashMessage(payload?.message)) return "message";
  const { proof, ...signals } = value;
  return proof === undefined || isDeepStrictEqual(signals, claims.signals ?? {}) ? undefined : "set of signals";
}
