/**
 * `edgestamp keygen`: new keys for a seal, as the lines of an environment file.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { base64url, exportJWK, generateKeyPair } from "jose";
import type { ExitCode, Terminal } from "./terminal.ts";

/** What the command does, for `edgestamp keygen --help`. */
export const HELP = `Usage: edgestamp keygen [--encrypted] [--kid <name>]

Prints a new key for the proxy's seal, and what its agent needs, as lines for environment files.

  --encrypted   a secret for encrypted stamps, instead of a pair for signed ones
  --kid <name>  the key's name; by default the month and four random letters

To change a key, print a new pair and give both sides sets, {"keys":[new,old]}: first the agent, then the
proxy, which signs with the first. Keep an old key at the agent for as long as sessions live that it stamped.`;

/** Runs the command. Throws a `TypeError` for arguments that it does not know. */
export async function run(args: string[], { stdout }: Terminal): Promise<ExitCode> {
  stdout.write(`${await keygen(args)}\n`);
  return 0;
}

/** What the command prints. Throws a `TypeError` for arguments that it does not know. */
export async function keygen(args: string[], now: Date = new Date()): Promise<string> {
  const { values } = parseArgs({
    args,
    options: { encrypted: { type: "boolean" }, kid: { type: "string" } },
  });
  const kid = values.kid ?? `${now.toISOString().slice(0, 7)}-${randomLetters(4)}`;
  if (!/^[\w.~-]{1,64}$/.test(kid)) {
    throw new TypeError("Cannot use --kid: give 1 to 64 letters, digits, `-`, `_`, `.` or `~`");
  }
  return values.encrypted === true ? secretLines(kid) : await pairLines(kid);
}

function secretLines(kid: string): string {
  const key = { kty: "oct", kid, k: base64url.encode(crypto.getRandomValues(new Uint8Array(32))) };
  return `# The proxy's: a secret. It encrypts.
EDGE_SEAL=encrypted
EDGE_SEAL_KEY=${JSON.stringify(key)}

# The agent's: the same secret. It decrypts.
EDGE_SEAL_SECRET_KEYS=${JSON.stringify({ keys: [key] })}`;
}

async function pairLines(kid: string): Promise<string> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  return `# The proxy's: a secret. It signs.
EDGE_SEAL=signed
EDGE_SEAL_KEY=${JSON.stringify({ kty, crv, kid, x, d })}

# The agent's: public. It verifies.
EDGE_SEAL_PUBLIC_KEYS=${JSON.stringify({ keys: [{ kty, crv, kid, x }] })}`;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyz234567";

function randomLetters(count: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(count)), (byte) => LETTERS[byte % LETTERS.length]).join("");
}
