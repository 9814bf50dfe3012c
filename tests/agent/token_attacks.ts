/** What can be done to a token, and why it is refused. */
import { encrypted, signed } from "../../src/seal.ts";
import { type Attack, restamped, stampOf, type World } from "./attack_list.ts";
import { type Payload, secretKey, signingPair } from "./edge.ts";
import { hmacWithPublicKey, resigned, unsecured, withHeader } from "./forge.ts";

/** A stamped message whose token is another. */
async function altered(
  { stamped }: World,
  member: "proof" | "sealed",
  change: (token: string) => unknown,
): Promise<Payload> {
  const payload = await stamped();
  const stamp = stampOf(payload);
  return restamped(payload, { ...stamp, [member]: await change(stamp[member] as string) });
}

function proven(name: string, change: (proof: string, world: World) => unknown): Attack {
  return [name, "invalid", (world) => altered(world, "proof", (proof) => change(proof, world))];
}

function hidden(name: string, change: (token: string) => unknown): Attack {
  return [name, "invalid", (world) => altered(world, "sealed", change)];
}

const header = (change: Record<string, unknown>) => (token: string): string => withHeader(token, change);
const signedBy = ({ edge, sealedBy }: World, kid: string): Promise<Payload> =>
  signingPair(kid).then(({ key }) => sealedBy(signed({ key, now: () => edge.clock.ms })));
const encryptedBy = ({ edge, sealedBy }: World, kid: string): Promise<Payload> =>
  sealedBy(encrypted({ key: secretKey(kid), now: () => edge.clock.ms }));

/** Against signed stamps. */
export const SIGNED_ATTACKS: readonly Attack[] = [
  ["signed by another key of the same name", "invalid", (world) => signedBy(world, world.secret.kid!)],
  ["signed by another key", "invalid", (world) => signedBy(world, "other")],
  ["encrypted, to an agent that knows public keys alone", "invalid", (world) => encryptedBy(world, world.secret.kid!)],
  proven("with alg none", (proof) => unsecured(proof)),
  proven("with alg none and better signals", (proof) => unsecured(proof, { signals: { botScore: 99 } })),
  proven("of another kind, by the right key", (proof, { secret }) => resigned(proof, secret, { typ: "JWT" })),
  proven("without typ", header({ typ: undefined })),
  proven("with typ JWT", header({ typ: "JWT" })),
  proven("without kid", header({ kid: undefined })),
  proven("with another kid", header({ kid: "other" })),
  proven("with its key in its header", (proof, { keys }) => withHeader(proof, { kid: "x", jwk: keys[0] })),
  proven("with a proof that is no text", () => ({})),
  ...[0, 1, 2].map((form) =>
    proven(
      `HS256 with the public key, form ${form + 1}`,
      async (proof, { keys }) => (await hmacWithPublicKey(proof, keys[0]!))[form],
    )
  ),
];

/** Against encrypted stamps. */
export const ENCRYPTED_ATTACKS: readonly Attack[] = [
  ["encrypted with another secret of the same name", "invalid", (world) => encryptedBy(world, world.secret.kid!)],
  ["encrypted with another secret", "invalid", (world) => encryptedBy(world, "other")],
  ["signed, to an agent that knows secrets alone", "invalid", (world) => signedBy(world, world.secret.kid!)],
  hidden("without typ", header({ typ: undefined })),
  hidden("with another kid", header({ kid: "other" })),
  hidden("with another enc", header({ enc: "A128CBC-HS256" })),
  hidden(
    "with its nonce changed",
    (token) => token.replace(/\.\.(.)/, (_, letter) => `..${letter === "A" ? "B" : "A"}`),
  ),
];
