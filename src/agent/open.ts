/**
 * Opens stamps: signature, issuer, audience, shape. What a stamp is about is not judged here.
 *
 * @module
 */
import {
  compactDecrypt,
  compactVerify,
  type CryptoKey,
  importJWK,
  type JWK,
  type ProtectedHeaderParameters,
} from "jose";
import * as v from "valibot";
import { isRecord } from "../seal/canonical.ts";
import { type Claims, TYPE } from "../seal/claims.ts";
import {
  AGENT_KEYS,
  type Key,
  mend,
  readKeys,
  SIGNING_ALGS,
  toPublicKey,
  toSecretKey,
  unusable,
} from "../seal/keys.ts";
import { StampRefusal } from "./refusal.ts";

/** Opens a stamp. Throws {@link StampRefusal}. */
export type OpenStamp = (stamp: unknown) => Promise<Claims>;

const seconds = v.pipe(v.number(), v.integer());
const claimsSchema = v.object({
  iss: v.string(),
  aud: v.string(),
  use: v.picklist(["create", "append"]),
  sub: v.optional(v.string()),
  iat: seconds,
  exp: v.optional(seconds),
  jti: v.pipe(v.string(), v.nonEmpty()),
  trg: v.optional(v.string()),
  mid: v.optional(v.string()),
  mh: v.optional(v.string()),
  signals: v.nullable(v.record(v.string(), v.unknown())),
});

/** Whether a value looks like a stamp with a seal. */
export function isSealed(value: unknown): boolean {
  return isRecord(value) && (Object.hasOwn(value, "sealed") || Object.hasOwn(value, "proof"));
}

/**
 * Makes the opener for the keys that an agent has: public ones for signed stamps, secrets for
 * encrypted ones. Throws a `TypeError` of one line for keys that cannot be used.
 */
export function stampOpener(keys: Key | readonly Key[], issuer: string, audience: string): OpenStamp {
  const ring = keyRing(keys);
  return async (stamp) => {
    if (!isRecord(stamp)) throw new StampRefusal(stamp === undefined || stamp === null ? "missing" : "unsealed");
    if (!isSealed(stamp)) throw new StampRefusal("unsealed");
    const claims = await read(stamp, ring);
    if (claims.iss !== issuer || claims.aud !== audience) throw new StampRefusal("audience");
    return claims;
  };
}

type FindKey = (header: ProtectedHeaderParameters | undefined) => Promise<CryptoKey | Uint8Array>;

interface KeyRing {
  readonly verifying: FindKey;
  readonly decrypting: FindKey;
}

function keyRing(given: Key | readonly Key[]): KeyRing {
  const keys = (Array.isArray(given) ? given : [given]).flatMap((key) => readKeys(key, AGENT_KEYS));
  if (keys.length === 0) {
    throw unusable(AGENT_KEYS, `there is no key in it; ${mend(AGENT_KEYS)}`);
  }
  const known = { OKP: new Map<string, JWK>(), oct: new Map<string, JWK>() };
  for (const key of keys) {
    if (key["d"] !== undefined) {
      throw unusable(
        AGENT_KEYS,
        "there is a private key among them; give the agent the public ones, without their `d`",
      );
    }
    const jwk = key["kty"] === "oct" ? toSecretKey(key, AGENT_KEYS) : toPublicKey(key, AGENT_KEYS);
    if (known[jwk.kty].has(jwk.kid)) {
      throw unusable(AGENT_KEYS, "two of them have the same `kid`; give each key its own");
    }
    known[jwk.kty].set(jwk.kid, jwk);
  }
  return { verifying: finder(known.OKP, "EdDSA"), decrypting: finder(known.oct, "dir") };
}

/**
 * Finds a key by the header's `kid`, and holds the header to its type. A key is imported once; where that fails it is tried
 * again for the next stamp, for an agent that lives long would refuse everything for what may be over.
 */
function finder(keys: ReadonlyMap<string, JWK>, alg: string): FindKey {
  const imported = new Map<string, CryptoKey | Uint8Array>();
  return async (header) => {
    const kid = header?.kid;
    const key = kid === undefined ? undefined : keys.get(kid);
    if (kid === undefined || key === undefined || header?.typ !== TYPE) throw new StampRefusal("invalid");
    const kept = imported.get(kid) ?? await importJWK(key, alg);
    imported.set(kid, kept);
    return kept;
  };
}

async function read(stamp: Record<string, unknown>, ring: KeyRing): Promise<Claims> {
  try {
    const { sealed, proof } = stamp;
    const { plaintext, payload } = Object.hasOwn(stamp, "sealed")
      ? { ...await compactDecrypt(sealed as string, ring.decrypting, DECRYPT), payload: undefined }
      : { ...await compactVerify(proof as string, ring.verifying, VERIFY), plaintext: undefined };
    const text = new TextDecoder("utf-8", { fatal: true }).decode(plaintext ?? payload);
    return v.parse(claimsSchema, JSON.parse(text)) as Claims;
  } catch (cause) {
    throw cause instanceof StampRefusal ? cause : new StampRefusal("invalid", { cause });
  }
}

const VERIFY = { algorithms: [...SIGNING_ALGS] };
const DECRYPT = { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] };
