/** Signs what the upstream hands out and wants back unaltered. The same text has the same signature, also after a restart. */

export type Sign = (text: string) => Promise<string>;

/** Signatures are a prefix and 21 letters and digits, as ids are. */
export function createSigner(secretKey: string): Sign {
  const encoder = new TextEncoder();
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = crypto.subtle.importKey("raw", encoder.encode(secretKey), algorithm, false, ["sign"]);
  return async (text) => {
    const signature = new Uint8Array(await crypto.subtle.sign("HMAC", await key, encoder.encode(text)));
    return Array.from(signature, (byte) => byte.toString(16).padStart(2, "0")).join("").slice(0, 21);
  };
}
