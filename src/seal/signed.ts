/**
 * Stamps that are signed.
 *
 * @module
 */
import { CompactSign } from "jose";
import type { Sealer } from "../ports.ts";
import { claimsMaker, type SealOptions, TYPE } from "./claims.ts";
import {
  type Key,
  mend,
  type PublicKey,
  readKeys,
  SIGNING_KEY,
  type SigningKey,
  toPublicKey,
  toSigningKey,
  unusable,
} from "./keys.ts";

/** What {@link signed} can be told. */
export interface SignedOptions extends SealOptions {
  /**
   * The Ed25519 key that signs, as a JWK or its JSON. A set (`{ "keys": [] }`) signs with its first;
   * of the others the public halves are served, so that what they signed can still be verified.
   */
  key: Key;
}

/** A sealer that has public keys to serve. */
export interface SignedSealer extends Sealer {
  /** The public keys, served at `/.well-known/edgestamp/jwks.json`. */
  readonly jwks: { readonly keys: readonly (PublicKey & { readonly use: "sig"; readonly alg: "EdDSA" })[] };
}

/**
 * Signs stamps. A stamp is then the signals, readable as before, and beside them `proof`: a compact
 * JWS over the signals, the chat and the message. Throws a `TypeError` of one line for a key or an
 * option that cannot be used.
 */
export function signed({ key, ...options }: SignedOptions): SignedSealer {
  const makeClaims = claimsMaker(options);
  const keys = readKeys(key, SIGNING_KEY);
  const signing = toSigningKey(keys[0]!, SIGNING_KEY);
  const published = keys.map((one) => toPublicKey(one, SIGNING_KEY));
  const header = { alg: "EdDSA", typ: TYPE, kid: signing.kid };
  // What is kept is a key and no promise of one: a runtime that could not import it now may do so for the next message.
  let imported: CryptoKey | undefined;
  return {
    jwks: { keys: published.map((one) => ({ ...one, use: "sig", alg: "EdDSA" })) },
    async seal(signals, context) {
      const privateKey = imported ??= await importKey(signing);
      const claims = new TextEncoder().encode(JSON.stringify(await makeClaims(signals, context)));
      const proof = await new CompactSign(claims).setProtectedHeader(header).sign(privateKey);
      return { ...signals, proof };
    },
  };
}

/** Imports the private key, and sees that its public half is its own: not every runtime looks. */
async function importKey({ kty, crv, x, d }: SigningKey): Promise<CryptoKey> {
  try {
    const privateKey = await crypto.subtle.importKey("jwk", { kty, crv, x, d }, "Ed25519", false, ["sign"]);
    const publicKey = await crypto.subtle.importKey("jwk", { kty, crv, x }, "Ed25519", false, ["verify"]);
    const probe = new Uint8Array(32);
    const signature = await crypto.subtle.sign("Ed25519", privateKey, probe);
    if (await crypto.subtle.verify("Ed25519", publicKey, signature, probe)) return privateKey;
  } catch (cause) {
    throw mismatch({ cause });
  }
  throw mismatch();
}

function mismatch(options?: { cause: unknown }): TypeError {
  return unusable(SIGNING_KEY, `its \`x\` does not belong to its \`d\`; ${mend(SIGNING_KEY)}`, options);
}
