/**
 * Seals: stamps that prove where they come from, also to an agent that was reached around the proxy.
 *
 * ```ts
 * import { createProxy } from "edgestamp";
 * import { signed } from "edgestamp/seal";
 *
 * const key = '{"kty":"OKP","crv":"Ed25519","kid":"…","x":"…","d":"…"}'; // edgestamp keygen
 * const proxy = createProxy({ trust: () => ({ country: "PT" }), seal: signed({ key }) });
 * ```
 *
 * @module
 */
export { signed, type SignedOptions, type SignedSealer } from "./seal/signed.ts";
export { encrypted, type EncryptedOptions } from "./seal/encrypted.ts";
export { type SealOptions } from "./seal/claims.ts";
export { type Key, type PublicKey } from "./seal/keys.ts";
export { type Sealer, type StampContext } from "./ports.ts";
