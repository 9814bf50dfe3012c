/** Tokens that no proxy made. */
import { base64url, CompactSign, importJWK, type JWK } from "jose";

const encode = (value: unknown): string => base64url.encode(typeof value === "string" ? value : JSON.stringify(value));

export function decodeProof(proof: string): { header: Record<string, unknown>; claims: Record<string, unknown> } {
  const [header, claims] = proof.split(".").slice(0, 2).map((part) =>
    JSON.parse(new TextDecoder().decode(base64url.decode(part)))
  );
  return { header, claims };
}

/** The same token under another header. */
export function withHeader(token: string, change: Record<string, unknown>): string {
  const [header, ...rest] = token.split(".");
  const changed = { ...JSON.parse(new TextDecoder().decode(base64url.decode(header!))), ...change };
  return [encode(changed), ...rest].join(".");
}

/** The same claims, changed, with `alg: none` and no signature. */
export function unsecured(proof: string, change: Record<string, unknown> = {}): string {
  const { header, claims } = decodeProof(proof);
  return `${encode({ ...header, alg: "none" })}.${encode({ ...claims, ...change })}.`;
}

/** The same claims as HS256, with the bytes of a public key as its secret. */
export async function hmacWithPublicKey(proof: string, publicKey: JWK): Promise<string[]> {
  const { header, claims } = decodeProof(proof);
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  const secrets = [
    base64url.decode(publicKey.x!),
    new TextEncoder().encode(publicKey.x),
    new TextEncoder().encode(JSON.stringify(publicKey)),
  ];
  return await Promise.all(secrets.map(async (secret) => {
    const padded = secret.length < 32 ? new Uint8Array([...secret, ...new Uint8Array(32 - secret.length)]) : secret;
    return await new CompactSign(payload).setProtectedHeader({ ...header, alg: "HS256" }).sign(padded);
  }));
}

/** The same claims under another header, signed by a key that may. */
export async function resigned(proof: string, key: JWK, change: Record<string, unknown>): Promise<string> {
  const { header, claims } = decodeProof(proof);
  const payload = new TextEncoder().encode(JSON.stringify(claims));
  return await new CompactSign(payload).setProtectedHeader({ ...header, alg: "EdDSA", ...change }).sign(
    await importJWK(key, "EdDSA"),
  );
}
