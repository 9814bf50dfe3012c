/**
 * The pass as a token: made, and opened again.
 *
 * @module
 */
import { compactDecrypt, CompactEncrypt, type CryptoKey, type JWK } from "jose";
import * as v from "valibot";
import { Refusal } from "../errors.ts";
import { type Key, readKeys, SECRET_KEY, toSecretKey, unusable } from "../seal/keys.ts";
import type { Signals } from "../trust.ts";
import type { Verdict } from "../verdicts/provider.ts";

/** What a pass says. Times are seconds since 1970. */
export interface PassClaims {
  /** The chat that it is for. */
  readonly sub: string;
  readonly iat: number;
  readonly exp: number;
  /** The signals of the browser that asked for it. */
  readonly signals: Signals | null;
  /** What a captcha service said about that browser. */
  readonly verdict?: Verdict | undefined;
}

/** The `typ` of every pass: no other token is ever taken for one (RFC 8725, 3.11). */
const TYPE = "edgestamp-pass+jwt";

/**
 * The longest pass. It travels in a header, and servers take 8 KiB of headers in all (nginx's
 * `large_client_header_buffers`).
 */
const PASS_CHARACTERS = 4_096;

const claimsSchema = v.object({
  sub: v.string(),
  iat: v.number(),
  exp: v.number(),
  signals: v.nullable(v.record(v.string(), v.unknown())),
  verdict: v.optional(v.looseObject({ provider: v.string(), score: v.number(), at: v.number() })),
});

/** Makes passes and opens them. */
export interface PassBook {
  make(claims: PassClaims): Promise<string>;
  /** The claims of a pass, also of one that is over; `undefined` for what is no pass of these keys. */
  open(pass: string): Promise<PassClaims | undefined>;
}

/** Throws a `TypeError` of one line for keys that cannot be used. The first encrypts, all decrypt. */
export function passBook(key: Key): PassBook {
  const keys = readKeys(key, SECRET_KEY).map((one) => toSecretKey(one, SECRET_KEY));
  const ring = new Map(keys.map((one) => [one.kid, keyLoader(one)]));
  if (ring.size !== keys.length) throw unusable(SECRET_KEY, "two of them have the same `kid`; give each key its own");
  const { kid } = keys[0]!;
  const header = { alg: "dir", enc: "A256GCM", typ: TYPE, kid };
  return {
    async make(claims) {
      const text = new TextEncoder().encode(JSON.stringify(claims));
      const pass = await new CompactEncrypt(text).setProtectedHeader(header).encrypt(await ring.get(kid)!());
      if (pass.length <= PASS_CHARACTERS) return pass;
      const cause = new Error(`the signals make a pass of ${pass.length} characters, over ${PASS_CHARACTERS}`);
      throw new Refusal("edge_internal", { cause });
    },
    async open(pass) {
      if (pass.length > PASS_CHARACTERS) return undefined;
      try {
        const { plaintext } = await compactDecrypt(pass, ({ kid = "", typ }) => {
          const load = ring.get(kid);
          if (load === undefined || typ !== TYPE) throw new TypeError("no pass of these keys");
          return load();
        }, { keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] });
        const text = new TextDecoder("utf-8", { fatal: true }).decode(plaintext);
        return v.parse(claimsSchema, JSON.parse(text)) as PassClaims;
      } catch {
        return undefined;
      }
    },
  };
}

/** Imports a key when it is first used: not every platform lets a module do so while it loads. */
function keyLoader({ kty, k }: JWK): () => Promise<CryptoKey> {
  let imported: CryptoKey | undefined;
  return async () =>
    imported ??= await crypto.subtle.importKey("jwk", { kty: kty!, k: k! }, "AES-GCM", false, ["encrypt", "decrypt"]);
}
