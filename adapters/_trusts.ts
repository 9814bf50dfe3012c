/**
 * The trust providers that a plain server can be told to use by `EDGE_TRUST`.
 *
 * @module
 */
import type { TrustProvider } from "../src/trust.ts";
import type { Setup } from "./_environment.ts";
import { FASTLY_PROOF_HEADER, fastlyHeaders } from "./fastly.ts";
import { fly } from "./fly.ts";
import { headers, type Proof } from "./headers.ts";
import { type FieldName, FIELDS, type Source } from "./_fields.ts";
import { socket } from "./_socket.ts";
import { EnvironmentError } from "./_variables.ts";

/** `EDGE_TRUST` on a plain server; the first is the default. */
export const PLAIN_TRUSTS = ["socket", "headers", "fastly", "fly", "none"] as const;

/** One of {@link PLAIN_TRUSTS}. */
export type PlainTrust = typeof PLAIN_TRUSTS[number];

/**
 * The provider of that name:
 * - `socket`: the address of the connection;
 * - `headers`: every field of the vocabulary from `x-edgestamp-<field>`, its words parted by `-`,
 *   behind `EDGE_PROOF_SECRET` in `x-edgestamp-proof`; whoever sends the proof sets each of them, and adds to none;
 * - `fastly`: as {@link fastlyHeaders} reads them, behind the same proof;
 * - `fly`: the address that Fly Proxy saw, on a machine of Fly.io;
 * - `none`: nothing; the stamp is `null`.
 */
export function plainTrust({ trust, proof: secret }: Setup<PlainTrust>): TrustProvider {
  switch (trust) {
    case "socket":
      return socket();
    case "headers":
      return edgestampHeaders(secret);
    case "fastly":
      return fastlyHeaders(proofOf(secret));
    case "fly":
      return onFly();
    case "none":
      return { name: "none", read: () => null };
  }
}

/** Every field of the vocabulary from its own header. Throws a `TypeError` without a secret. */
export function edgestampHeaders(secret: Setup["proof"]): TrustProvider {
  return headers({ map: EDGESTAMP_MAP, ...proofOf(secret) });
}

function proofOf(secret: Setup["proof"]): { proof?: Proof } {
  return secret === undefined ? {} : { proof: { header: FASTLY_PROOF_HEADER, secret } };
}

function onFly(): TrustProvider {
  try {
    return fly();
  } catch {
    throw new EnvironmentError("EDGE_TRUST: is fly, and FLY_APP_NAME is not set; run it on Fly.io, or set another");
  }
}

/** Names, in which a comma may be their own: `Example, Inc.`, `Bonaire, Sint Eustatius and Saba`. */
const NAMES: readonly string[] = ["asOrganization", "region", "city"] satisfies FieldName[];

const EDGESTAMP_MAP: Readonly<Record<string, Source>> = Object.fromEntries(
  Object.keys(FIELDS).map((field) => {
    const header = `x-edgestamp-${hyphenated(field)}`;
    return [field, NAMES.includes(field) ? { header, as: "text" } : header];
  }),
);

/** `asOrganization` → `as-organization`. */
function hyphenated(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
