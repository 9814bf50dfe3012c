/**
 * The stamp of the doctor's first message, and what its seal says.
 *
 * @module
 */
import { stampOpener } from "../../src/agent/open.ts";
import { StampRefusal } from "../../src/agent/refusal.ts";
import type { Claims } from "../../src/seal/claims.ts";
import { JWKS } from "./requests.ts";
import { parseJson } from "./wire.ts";
import { metadataOf, type World } from "./world.ts";

/** What the stamp is, as far as it could be read. */
export type Stamp =
  /** Nothing arrived that could carry one. */
  | { readonly kind: "unseen" }
  | { readonly kind: "absent" | "unsealed" }
  /** Sealed, and there is no key to open it with. */
  | { readonly kind: "locked"; readonly isEncrypted: boolean }
  /** Sealed, and the keys do not open it, or cannot be used. */
  | { readonly kind: "invalid"; readonly why: string }
  | { readonly kind: "opened"; readonly claims: Claims; readonly value: Readonly<Record<string, unknown>> };

/** Reads the stamp of the first message. */
export async function readStamp(world: World): Promise<Stamp> {
  const { first, namespace, options: { issuer, audience } } = world;
  const metadata = metadataOf(first?.data);
  if (metadata === undefined || namespace === undefined) return { kind: "unseen" };
  if (!Object.hasOwn(metadata, namespace)) return { kind: "absent" };
  const value = metadata[namespace];
  if (typeof value !== "object" || value === null) return { kind: "unsealed" };
  const isEncrypted = Object.hasOwn(value, "sealed");
  if (!isEncrypted && !Object.hasOwn(value, "proof")) return { kind: "unsealed" };
  const keys = world.options.keys ?? (isEncrypted ? undefined : await servedKeys(world));
  if (keys === undefined) return { kind: "locked", isEncrypted };
  try {
    const claims = await stampOpener(keys, issuer, audience)(value);
    return { kind: "opened", claims, value: value as Record<string, unknown> };
  } catch (error) {
    return { kind: "invalid", why: reasonOf(error) };
  }
}

/** The signals that the first message was stamped with; `undefined` where none arrived, or they cannot be read. */
export async function stampedSignals(world: World): Promise<unknown> {
  const { first, namespace } = world;
  const metadata = metadataOf(first?.data);
  if (first === undefined || metadata === undefined || namespace === undefined) return undefined;
  const value = metadata[namespace];
  // Where nothing is stamped, what the doctor itself had put there.
  if (value === undefined || JSON.stringify(value).includes(first.attempt.nonce)) return undefined;
  if (typeof value !== "object" || value === null) return value;
  const { proof: _, ...signals } = value as Record<string, unknown>;
  if (!Object.hasOwn(signals, "sealed")) return signals;
  const stamp = await readStamp(world);
  return stamp.kind === "opened" ? stamp.claims.signals : undefined;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof StampRefusal)) return "the keys that the proxy serves cannot be used";
  if (error.reason === "audience") {
    return "it names another issuer or audience: give the proxy's by --issuer and --audience";
  }
  return "no key that was given opens it";
}

/** The public keys that the proxy serves, as JSON; `undefined` where it serves none. */
export async function servedKeys({ wire }: World): Promise<string | undefined> {
  const { status, text } = await wire.send({ path: JWKS });
  const keys = parseJson(text)?.["keys"];
  if (status !== 200 || !Array.isArray(keys)) return undefined;
  return JSON.stringify({ keys });
}
