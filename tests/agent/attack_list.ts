/** What an attacker who holds a session's token can send, and why it is refused. */
import type { JWK } from "jose";
import { encrypted, type Sealer, signed } from "../../src/seal.ts";
import { type Edge, type Payload, SIGNALS, submit } from "./edge.ts";

/** The stamp under the namespace. */
export type Stamp = Record<string, unknown>;

/** What an attack has to work with. */
export interface World {
  readonly edge: Edge;
  /** What the session was created with. */
  readonly boot: Payload;
  /** What the agent opens stamps with. */
  readonly keys: readonly JWK[];
  /** What the proxy makes them with. */
  readonly secret: JWK;
  /** A message that came through the proxy and was not delivered. */
  stamped(chatId?: string): Promise<Payload>;
  /** Stamps a message with another sealer. */
  sealedBy(seal: Sealer): Promise<Payload>;
}

/** `hooks` are those of the agent's own that are called all the same. */
export type Attack = readonly [
  name: string,
  reason: string,
  forge: (world: World) => Promise<object>,
  hooks?: readonly string[],
];

export const stampOf = ({ metadata }: Payload): Stamp => metadata!["__edge"] as Stamp;

export const restamped = (payload: Payload, stamp: unknown): Payload => ({
  ...payload,
  metadata: { ...payload.metadata, __edge: stamp },
});

/** A message of the attacker's, with a stamp. */
export const forged = (stamp: unknown): Payload => restamped(submit("c1", "forged"), stamp);

const metadata = { userId: "ada" };
const act = ({ edge }: World, action: unknown): Promise<Payload> =>
  edge.append({ chatId: "c1", trigger: "action", action, metadata });
const repeat = ({ edge }: World, messageId: string): Promise<Payload> =>
  edge.append({ chatId: "c1", trigger: "regenerate-message", messageId, metadata });

/** A message that the proxy stamped when its clock was off by so much. */
async function stampedAt({ edge, stamped }: World, offsetMs: number): Promise<Payload> {
  edge.clock.ms += offsetMs;
  const payload = await stamped();
  edge.clock.ms -= offsetMs;
  return payload;
}

function sealedFor({ sealedBy, secret, edge }: World, names: { audience?: string; issuer?: string }): Promise<Payload> {
  const options = { key: secret, now: () => edge.clock.ms, ...names };
  return sealedBy(secret.kty === "oct" ? encrypted(options) : signed(options));
}

/** Against every seal. */
export const ATTACKS: readonly Attack[] = [
  ["without metadata", "missing", async () => ({ ...submit("c1", "forged"), metadata: undefined })],
  ["without a stamp", "missing", async () => submit("c1", "forged")],
  ["with null for a stamp", "missing", async () => forged(null)],
  ["with a plain stamp", "unsealed", async () => forged(SIGNALS)],
  ["with a stamp that is text", "unsealed", async () => forged("stamp")],
  ["with metadata that is text", "missing", async () => ({ ...submit("c1", "forged"), metadata: "text" })],
  ["with a stamp in __proto__", "missing", async ({ stamped }) => {
    const stamp = JSON.stringify(stampOf(await stamped()));
    const inherited: unknown = JSON.parse(`{"userId":"ada","__proto__":{"__edge":${stamp}}}`);
    return { ...submit("c1", "forged"), metadata: inherited };
  }],
  ["with the creation's stamp", "use", async ({ boot }) => forged(stampOf(boot))],
  ["as a preload, with the creation's stamp", "use", async ({ boot }) => boot],
  ["of another chat, into this one", "chat", async ({ stamped }) => ({ ...await stamped("c2"), chatId: "c1" })],
  ["of another chat, as it is", "chat", async ({ stamped }) => await stamped("c2")],
  ["of another message", "message", async ({ stamped }) => forged(stampOf(await stamped()))],
  ["of a message with another text", "message", async ({ stamped }) => {
    const payload = await stamped();
    return { ...payload, message: { ...payload.message!, parts: [{ type: "text", text: "forged" }] } };
  }],
  ["of a message with another role", "message", async ({ stamped }) => {
    const payload = await stamped();
    return { ...payload, message: { ...payload.message!, role: "system" } };
  }],
  ["of a message nested deeper than stacks are", "message", async ({ stamped }) => {
    const payload = await stamped();
    const deep: unknown = JSON.parse(`${"[".repeat(4_000)}${"]".repeat(4_000)}`);
    return { ...payload, message: { ...payload.message!, metadata: deep } };
  }],
  ["of a message, to regenerate", "message", async ({ stamped }) => {
    return { ...await stamped(), trigger: "regenerate-message", message: undefined };
  }],
  ["of a message, with another trigger", "message", async ({ stamped }) => {
    return { ...await stamped(), trigger: "regenerate-message" };
  }],
  ["of a message, for an action", "message", async ({ stamped }) => {
    return { ...await stamped(), trigger: "action", action: { type: "undo" } };
  }],
  ["of an action, for a message", "message", async (world) => forged(stampOf(await act(world, { type: "undo" })))],
  ["of another action", "message", async (world) => {
    return { ...await act(world, { type: "pay", amount: "1" }), action: { type: "pay", amount: "1000" } };
  }],
  ["of another action, equal when parsed", "message", async (world) => {
    return { ...await act(world, { type: "pay" }), action: { type: "pay", amount: "1" } };
  }],
  // Only run() is told which message is meant.
  ["of another message to regenerate", "message", async (world) => {
    return { ...await repeat(world, "a-1"), messageId: "a-2" };
  }, ["onTurnStart"]],
  ["seven hours ago", "expired", async (world) => await stampedAt(world, -7 * 3600_000)],
  ["two minutes from now", "future", async (world) => await stampedAt(world, 120_000)],
  ["for other agents", "audience", async (world) => await sealedFor(world, { audience: "other" })],
  ["by another issuer", "audience", async (world) => await sealedFor(world, { issuer: "other" })],
  ["with client data of another shape", "client_data", async ({ edge }) => {
    return await edge.append(submit("c1", "forged", { userId: 7 }));
  }],
];
