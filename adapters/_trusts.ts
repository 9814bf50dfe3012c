/**
 * The trust providers that a plain server can be told to use by `EDGE_TRUST`.
 *
 * @module
 */
import type { TrustProvider } from "../src/trust.ts";
import type { Setup } from "./_environment.ts";
import { FASTLY_PROOF_HEADER, fastlyHeaders } from "./fastly.ts";
import { headers } from "./headers.ts";
import { FIELDS } from "./_fields.ts";
import { socket } from "./_socket.ts";

/** `EDGE_TRUST` on a plain server; the first is the default. */
export const PLAIN_TRUSTS = ["socket", "headers", "fastly", "none"] as const;

/** One of {@link PLAIN_TRUSTS}. */
export type PlainTrust = typeof PLAIN_TRUSTS[number];

/**
 * The provider of that name:
 * - `socket`: the address of the connection;
 * - `headers`: every field of the vocabulary from `x-edgestamp-<field>`, its words parted by `-`,
 *   behind `EDGE_PROOF_SECRET` in `x-edgestamp-proof`;
 * - `fastly`: as {@link fastlyHeaders} reads them, behind the same proof;
 * - `none`: nothing; the stamp is `null`.
 */
export function plainTrust({ trust, proof: secret }: Setup<PlainTrust>): TrustProvider {
  const proof = secret === undefined ? {} : { proof: { header: FASTLY_PROOF_HEADER, secret } };
  switch (trust) {
    case "socket":
      return socket();
    case "headers":
      return headers({ map: EDGESTAMP_MAP, ...proof });
    case "fastly":
      return fastlyHeaders(proof);
    case "none":
      return { name: "none", read: () => null };
  }
}

const EDGESTAMP_MAP: Readonly<Record<string, string>> = Object.fromEntries(
  Object.keys(FIELDS).map((field) => [field, `x-edgestamp-${hyphenated(field)}`]),
);

/** `asOrganization` → `as-organization`. */
function hyphenated(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
