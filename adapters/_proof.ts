/**
 * What has to come with a request before its headers are believed.
 *
 * @module
 */
import type { Platform } from "../src/trust.ts";
import { secretMatcher, weakness } from "./_secret.ts";

/** A secret in a header, which whoever sets the signals sends along. */
export interface Proof {
  /** The header that carries it. */
  readonly header: string;
  /** The secret: 32 characters or more. Two are accepted at once while one replaces the other. */
  readonly secret: string | readonly [string, string];
}

/** Any other proof: `edgestamp/proofs` has some. */
export interface ProofCheck {
  /** Its headers, which never go upstream. */
  readonly consumes: readonly string[];
  /** Whether the request carries it. What throws or rejects is no proof either: the signals cannot be read then. */
  verify(request: Request, platform?: Platform): boolean | Promise<boolean>;
}

/** Brings both forms of a proof into one. Throws a `TypeError` of one line for one that cannot be used. */
export function toCheck(proof: Proof | ProofCheck): ProofCheck {
  if ("verify" in proof) return proof;
  const { header, secret } = proof;
  if (!isHeaderName(header)) throw new TypeError("Cannot use option `proof.header`: give the name of a header");
  const matches = secretMatcher(checkedSecrets(secret, "proof.secret"));
  return { consumes: [header.toLowerCase()], verify: ({ headers }) => matches(headers.get(header)) };
}

/** One secret or two, as a list. Throws a `TypeError` that names the option and never a part of the secret. */
export function checkedSecrets(secret: string | readonly [string, string], option: string): readonly string[] {
  const secrets = typeof secret === "string" ? [secret] : secret;
  const why = Array.isArray(secrets) && secrets.length > 0 ? secrets.map(weaknessOf).find(Boolean) : "is absent";
  if (why !== undefined) throw new TypeError(`Cannot use option \`${option}\`: it ${why}`);
  return secrets;
}

/** Whether it can be a header's name. */
export function isHeaderName(name: unknown): name is string {
  return typeof name === "string" && /^[!#$%&'*+.^`|~\w-]+$/.test(name);
}

function weaknessOf(secret: unknown): string | undefined {
  return typeof secret === "string" ? weakness(secret) : "is not text";
}
