/**
 * Stamps that only the agent can read.
 *
 * @module
 */
import { CompactEncrypt } from "jose";
import type { Sealer } from "../ports.ts";
import { claimsMaker, type SealOptions, TYPE } from "./claims.ts";
import { type Key, readKeys, SECRET_KEY, toSecretKey } from "./keys.ts";

/** What {@link encrypted} can be told. */
export interface EncryptedOptions extends SealOptions {
  /** The secret of 256 bits that encrypts, as a JWK or its JSON. The agent has the same. */
  key: Key;
}

/**
 * Encrypts stamps. A stamp is then `{ "sealed": "<JWE>" }` and nothing else, so that no reader of the
 * session learns a signal. Who has the secret can also make stamps: keep it to the proxy and the
 * agent. Throws a `TypeError` of one line for a key or an option that cannot be used.
 */
export function encrypted({ key, ...options }: EncryptedOptions): Sealer {
  const makeClaims = claimsMaker(options);
  const { k, kid } = toSecretKey(readKeys(key, SECRET_KEY)[0]!, SECRET_KEY);
  // Each stamp has a random nonce of 96 bits: rotate the key before it has made 2^32 stamps (SP 800-38D, 8.3).
  const header = { alg: "dir", enc: "A256GCM", typ: TYPE, kid };
  // What is kept is a key and no promise of one: a runtime that could not import it now may do so for the next message.
  let imported: CryptoKey | undefined;
  return {
    async seal(signals, context) {
      const cryptoKey = imported ??= await crypto.subtle.importKey("jwk", { kty: "oct", k }, "AES-GCM", false, [
        "encrypt",
      ]);
      const claims = new TextEncoder().encode(JSON.stringify(await makeClaims(signals, context)));
      return { sealed: await new CompactEncrypt(claims).setProtectedHeader(header).encrypt(cryptoKey) };
    },
  };
}
