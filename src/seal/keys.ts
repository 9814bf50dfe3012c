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

/** Where keys are given, for errors: each holder of keys is to be given something else. */
export interface KeyOption {
  /** The option's name. */
  readonly name: string;
  /** What makes a key, where that is the mend. The keys of an agent are made with the proxy's, and new ones would not match. */
  readonly make: string;
  /** What to give. */
  readonly give: string;
}

const ALONE = "what stands after EDGE_SEAL_KEY=, without quotes";

/** The key that signs. */
export const SIGNING_KEY: KeyOption = { name: "key", make: "run `edgestamp keygen` and ", give: ALONE };

/** The secret that encrypts stamps or passes. */
export const SECRET_KEY: KeyOption = { name: "key", make: "run `edgestamp keygen --encrypted` and ", give: ALONE };

/** The keys of an agent. */
export const AGENT_KEYS: KeyOption = {
  name: "keys",
  make: "",
  give: "EDGE_SEAL_PUBLIC_KEYS, or for encrypted stamps EDGE_SEAL_SECRET_KEYS, " +
    "as `edgestamp keygen` printed it with the proxy's key: what stands after the =, without quotes",
};

/**
 * The members of one key, or of a set of them (`{ "keys": [] }`, or a list), unjudged. Throws a
 * `TypeError` of one line that names `option`; no part of a key is ever in it.
 */
export function readKeys(given: unknown, option: KeyOption): readonly Record<string, unknown>[] {
  const value = typeof given === "string" ? parse(given, option) : given;
  const list = isRecord(value) && Array.isArray(value["keys"]) ? value["keys"] : Array.isArray(value) ? value : [value];
  if (list.length === 0) throw unusable(option, `there is no key in it; ${mend(option)}`);
  return list.map((key) => {
    if (!isRecord(key)) throw unusable(option, `it is not a JWK; ${mend(option)}`);
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
export function toSigningKey(key: Record<string, unknown>, option: KeyOption): SigningKey {
  if (key["kty"] === "OKP" && key["d"] === undefined) {
    throw unusable(option, "it is a public key, which cannot sign; give the private one, with its `d`");
  }
  const { kty, crv, kid, x } = toPublicKey(key, option);
  return { kty, crv, kid, x, d: bytes32(key["d"], "d", option) };
}

/** Judges an Ed25519 key and takes its public half. */
export function toPublicKey(key: Record<string, unknown>, option: KeyOption): PublicKey {
  if (key["kty"] !== "OKP" || key["crv"] !== "Ed25519") {
    throw unusable(option, `it is no Ed25519 key; ${mend(option)}`);
  }
  checkAlg(key["alg"], SIGNING_ALGS, option);
  return { kty: "OKP", crv: "Ed25519", kid: key["kid"] as string, x: bytes32(key["x"], "x", option) };
}

/** Judges a secret for encryption. */
export function toSecretKey(key: Record<string, unknown>, option: KeyOption): SecretKey {
  if (key["kty"] !== "oct") {
    throw unusable(option, `it is no secret for encryption; ${mend(option)}`);
  }
  checkAlg(key["alg"], ["A256GCM", "dir"], option);
  return { kty: "oct", kid: key["kid"] as string, k: bytes32(key["k"], "k", option) };
}

/** The names of the one signing algorithm: RFC 8037's, and RFC 9864's for the same. */
export const SIGNING_ALGS: readonly string[] = ["EdDSA", "Ed25519"];

/** An option that cannot be used, in one line. */
export function unusable({ name }: KeyOption, why: string, options?: { cause: unknown }): TypeError {
  return new TypeError(`Cannot use option \`${name}\`: ${why}`, options);
}

/** What to do where a key has to be another. */
export function mend({ make, give }: KeyOption): string {
  return `${make}give ${give}`;
}

/** What stands in templates where a key belongs. */
const PLACEHOLDER = /change.?me|placeholder|example|secret|password|your[-_ ]|replace|insert|keygen|^<.*>$|^[x*.]+$/i;

/** A key with its variable's name before it, or in a shell's quotes: it was made, and is given with too much around it. */
const PASTED = /^\s*(?:export\s+)?(?:\w+\s*=|['"`])/;

/** The private key of RFC 8037's example, which is in every tutorial. */
const PUBLISHED = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";

function parse(text: string, option: KeyOption): unknown {
  if (text.trim() === "") throw unusable(option, `it is empty; ${mend(option)}`);
  try {
    return JSON.parse(text);
  } catch {
    if (PASTED.test(text)) throw unusable(option, `it is no JSON; give ${option.give}`);
    const what = PLACEHOLDER.test(text.trim()) ? "a placeholder" : "no JSON";
    throw unusable(option, `it is ${what}; ${mend(option)}`);
  }
}

function checkAlg(alg: unknown, accepted: readonly string[], option: KeyOption): void {
  if (alg !== undefined && !accepted.includes(alg as string)) {
    throw unusable(option, `its \`alg\` is another; leave it out, or make it ${accepted[0]}`);
  }
}

function bytes32(value: unknown, name: string, option: KeyOption): string {
  if (typeof value !== "string" || !/^[\w-]*$/.test(value)) {
    throw unusable(option, `its \`${name}\` is not base64url; ${mend(option)}`);
  }
  if (PLACEHOLDER.test(value) && value.length !== 43) {
    throw unusable(option, `its \`${name}\` is a placeholder; ${mend(option)}`);
  }
  if (value.length !== 43) {
    throw unusable(
      option,
      `its \`${name}\` is too ${value.length < 43 ? "short" : "long"}: 256 bits are 43 characters; ${mend(option)}`,
    );
  }
  // 43 random letters have about 30 different ones among them.
  if (value === PUBLISHED || new Set(value).size < 8) {
    throw unusable(option, `its \`${name}\` is a placeholder; ${mend(option)}`);
  }
  return value;
}
