/** New keys for one start with a seal: half for the proxy, half for the agent. */

import { base64url, exportJWK, generateKeyPair } from "jose";

/** How stamps are sealed. */
export type SealKind = "none" | "signed" | "encrypted";

export interface SealKeys {
  /** The proxy's: a secret. */
  readonly proxy: string;
  /** The agent's environment: public keys where stamps are signed, the same secret where they are encrypted. */
  readonly agent: Readonly<Record<string, string>>;
}

export async function makeSealKeys(kind: Exclude<SealKind, "none">): Promise<SealKeys> {
  const kid = "local";
  if (kind === "encrypted") {
    const secret = JSON.stringify({ kty: "oct", kid, k: base64url.encode(crypto.getRandomValues(new Uint8Array(32))) });
    return { proxy: secret, agent: { EDGE_SEAL_SECRET_KEYS: secret } };
  }
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  return {
    proxy: JSON.stringify({ kty, crv, kid, x, d }),
    agent: { EDGE_SEAL_PUBLIC_KEYS: JSON.stringify({ kty, crv, kid, x }) },
  };
}
