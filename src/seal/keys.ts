/**
 * The keys of a seal: read from options or environment, judged before they are used.
 *
 * @module
 */
import { isRecord } from "./canonical.ts";

/** A JSON Web Key, as `edgestamp keygen` prints it: an object, or its JSON. */
export type Key = string | Readonly<Record<string, unknown>>;

/** A public Ed25519 key as a JWK (RFC 8037): verifies. An alias, for it is JSON, too. */
export type PublicKey = {
  /** The key's type. */
  readonly kty: "OKP";
  /** The key's curve. */
  readonly crv: "Ed25519";
  /** The key's name. */
  readonly kid: string;
  /** The key: 32 bytes in base64url. */
  readonly x: string;
};

/** A private Ed25519 key: signs. */
export type SigningKey = PublicKey & { readonly d: string };

/** A secret of 256 bits: encrypts, and decrypts. */
export interface SecretKey {
  readonly kty: "oct";
  readonly kid: string;
  readonly k: string;
}

/**
 * The members of one key, or of a set of them (`{ "keys": [] }`, or a list), unjudged. Throws a
 * `TypeError` of one line that names `option`; no part of a key is ever in it.
 */
export function readKeys(given: unknown, option: string): readonly Record<string, unknown>[] {
  const value = typeof given === "string" ? parse(given, option) : given;
  const list = isRecord(value) && Array.isArray(value["keys"]) ? value["keys"] : Array.isArray(value) ? value : [value];
  if (list.length === 0) throw unusable(option, `there is no key in it; ${MEND}`);
  return list.map((key) => {
    if (!isRecord(key)) throw unusable(option, `it is not a JWK; ${MEND}`);
    if (typeof key["kid"] !== "string" || !/^[\w.~-]{1,64}$/.test(key["kid"])) {
      throw unusable(
        option,
        "it has no usable `kid`; give each key a name of 1 to 64 letters, digits, `-`, `_`, `.` or `~`",
      );
    }
    return key;
  });
}

/** Judges a private Ed25519 key. */
export function toSigningKey(key: Record<string, unknown>, option: string): SigningKey {
  if (key["kty"] === "OKP" && key["d"] === undefined) {
    throw unusable(option, "it is a public key, which cannot sign; give the private one, with its `d`");
  }
  const { kty, crv, kid, x } = toPublicKey(key, option);
  return { kty, crv, kid, x, d: bytes32(key["d"], "d", option) };
}

/** Judges an Ed25519 key and takes its public half. */
export function toPublicKey(key: Record<string, unknown>, option: string): PublicKey {
  if (key["kty"] !== "OKP" || key["crv"] !== "Ed25519") {
    throw unusable(option, `it is no Ed25519 key; ${MEND}`);
  }
  checkAlg(key["alg"], SIGNING_ALGS, option);
  return { kty: "OKP", crv: "Ed25519", kid: key["kid"] as string, x: bytes32(key["x"], "x", option) };
}

/** Judges a secret for encryption. */
export function toSecretKey(key: Record<string, unknown>, option: string): SecretKey {
  if (key["kty"] !== "oct") {
    throw unusable(option, "it is no secret for encryption; run `edgestamp keygen --encrypted`");
  }
  checkAlg(key["alg"], ["A256GCM", "dir"], option);
  return { kty: "oct", kid: key["kid"] as string, k: bytes32(key["k"], "k", option) };
}

/** The names of the one signing algorithm: RFC 8037's, and RFC 9864's for the same. */
export const SIGNING_ALGS: readonly string[] = ["EdDSA", "Ed25519"];

/** An option that cannot be used, in one line. */
export function unusable(option: string, why: string): TypeError {
  return new TypeError(`Cannot use option \`${option}\`: ${why}`);
}

const MEND = "run `edgestamp keygen` and give what it prints";

/** What stands in templates where a key belongs. */
const PLACEHOLDER = /change.?me|placeholder|example|secret|password|your[-_ ]|replace|insert|keygen|^<.*>$|^[x*.]+$/i;

/** The private key of RFC 8037's example, which is in every tutorial. */
const PUBLISHED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

function parse(text: string, option: string): unknown {
  if (text.trim() === "") throw unusable(option, `it is empty; ${MEND}`);
  try {
    return JSON.parse(text);
  } catch {
    const what = PLACEHOLDER.test(text.trim()) ? "a placeholder" : "no JSON";
    throw unusable(option, `it is ${what}; ${MEND}`);
  }
}

function checkAlg(alg: unknown, accepted: readonly string[], option: string): void {
  if (alg !== undefined && !accepted.includes(alg as string)) {
    throw unusable(option, `its \`alg\` is another; leave it out, or make it ${accepted[0]}`);
  }
}

function bytes32(value: unknown, name: string, option: string): string {
  if (typeof value !== "string" || !/^[\w-]*$/.test(value)) {
    throw unusable(option, `its \`${name}\` is not base64url; ${MEND}`);
  }
  if (PLACEHOLDER.test(value) && value.length !== 43) {
    throw unusable(option, `its \`${name}\` is a placeholder; ${MEND}`);
  }
  if (value.length !== 43) {
    throw unusable(
      option,
      `its \`${name}\` is too ${value.length < 43 ? "short" : "long"}: 256 bits are 43 characters; ${MEND}`,
    );
  }
  // 43 random letters have about 30 different ones among them.
  if (value === PUBLISHED || new Set(value).size < 8) {
    throw unusable(option, `its \`${name}\` is a placeholder; ${MEND}`);
  }
  return value;
}
