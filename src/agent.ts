/**
 * The agent's side of a seal: what did not come through the proxy, a `chat.agent` does not act on.
 *
 * ```ts ignore
 * import { chat } from "@trigger.dev/sdk/ai";
 * import { edgeAgent } from "edgestamp/agent";
 * import { z } from "zod";
 *
 * const edge = edgeAgent({
 *   chat,
 *   keys: process.env.EDGE_SEAL_PUBLIC_KEYS!,
 *   namespace: "__edge",
 *   signals: z.object({ country: z.string().nullish() }),
 *   clientData: z.object({ userId: z.string() }),
 * });
 *
 * export const myAgent = edge.guard(chat.withClientData({ schema: edge.schema })).agent({
 *   id: "my-agent",
 *   run: async ({ messages, clientData }) => answer(messages, clientData?.__edge.country),
 * });
 * ```
 *
 * @module
 */
import { beginChat, type BegunChat, type WirePayload } from "./agent/custom.ts";
import { type AgentBuilder, guardBuilder } from "./agent/builder.ts";
import type { Refused } from "./agent/refused_turn.ts";
import type { ChatApi } from "./agent/hooks.ts";
import { acceptsUnsealed, type Policy, type UsedStamps } from "./agent/judge.ts";
import { stampOpener } from "./agent/open.ts";
import { clientDataReader, type Reading } from "./agent/reading.ts";
import type { StandardSchema } from "./agent/schema.ts";
import { checkName, DEFAULT_AUDIENCE, DEFAULT_ISSUER } from "./seal/claims.ts";
import type { Key } from "./seal/keys.ts";
import type { Signals } from "./trust.ts";

export { type AgentBuilder } from "./agent/builder.ts";
export { type BegunChat, type WirePayload } from "./agent/custom.ts";
export { type Refused } from "./agent/refused_turn.ts";
export { type ChatApi } from "./agent/hooks.ts";
export { type UsedStamps } from "./agent/judge.ts";
export { type RefusalReason, StampRefusal } from "./agent/refusal.ts";
export { type SchemaResult, type StandardSchema } from "./agent/schema.ts";
export { type Key } from "./seal/keys.ts";
export { type Json, type Signals } from "./trust.ts";

/** How strict an agent is with time. */
export interface StampPolicy {
  /** How old a message's stamp may be, in seconds, where that is less than the proxy gave it. */
  maxAgeSeconds?: number;
  /**
   * Until when what has no seal at all is taken as it was before there was one, and can be forged as
   * before: `turnsUntil` for messages, `sessionsUntil` for the sessions that they are sent in.
   */
  acceptUnsealed?: { turnsUntil?: Date; sessionsUntil?: Date };
  /** Remembers used stamps beyond one run. Without it each run remembers its own. */
  usedStamps?: UsedStamps;
  /** The clock, in milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
}

/** What {@link edgeAgent} can be told. */
export interface EdgeAgentOptions<In, Client extends object, Sig, Namespace extends string> extends StampPolicy {
  /** The SDK's `chat`, from `@trigger.dev/sdk/ai`. */
  chat: ChatApi;
  /**
   * What opens stamps: the public keys of signed ones, the secret of encrypted ones, as JWKs, sets
   * of them, or their JSON. Keep a key here for as long as sessions live that it stamped.
   */
  keys: Key | readonly Key[];
  /** The metadata key that the proxy writes. Default `__edge`. */
  namespace?: Namespace;
  /** Who seals, as the proxy says. Default `edgestamp`. */
  issuer?: string;
  /** For whom, as the proxy says. Default `trigger.dev`. */
  audience?: string;
  /** The schema of the signals. Without one they are any JSON object, or `null`. */
  signals?: StandardSchema<unknown, Sig>;
  /** The schema of the rest of the client data. Without one it is any object. */
  clientData?: StandardSchema<In, Client>;
  /** Told of everything that was refused, for logs. */
  onRefused?: (refused: Refused) => void;
}

/** The client data that an agent's hooks get: what its schema made of it, and under the namespace the proven signals. */
export type EdgeClientData<Client, Sig, Namespace extends string> = Client & { readonly [key in Namespace]: Sig };

/** The parser for `chat.withClientData({ schema })`. It carries the types of what browsers send and of what hooks get. */
export interface EdgeSchema<In, Out> {
  (value: unknown): Promise<Out>;
  /** Types only: what a browser sends. */
  readonly inferIn: In;
  /** Types only: what the hooks get. */
  readonly infer: Out;
}

/** Both halves of the agent's side, made for one agent. */
export interface EdgeAgent<In, Out> {
  /** The parser: give it to `chat.withClientData({ schema })`. */
  readonly schema: EdgeSchema<In, Out>;
  /**
   * The checks: wrap the builder that `chat.withClientData()` gives, and go on with it as before. Its
   * `agent()` throws a `TypeError` for options that let messages in unread (`pendingMessages`,
   * `channels`, `events`).
   */
  guard<B extends AgentBuilder>(builder: B): B;
  /** For a `chat.customAgent`, without `withClientData`: begins a run with the payload it was booted with. */
  begin(payload: WirePayload): Promise<BegunChat<Out>>;
}

/** Makes the agent's side. Throws a `TypeError` of one line for an option that cannot be used. */
export function edgeAgent<
  In extends object = Record<string, unknown>,
  Client extends object = In,
  Sig = Signals | null,
  const Namespace extends string = "__edge",
>(options: EdgeAgentOptions<In, Client, Sig, Namespace>): EdgeAgent<In, EdgeClientData<Client, Sig, Namespace>> {
  type Out = EdgeClientData<Client, Sig, Namespace>;
  const { chat, keys, issuer = DEFAULT_ISSUER, audience = DEFAULT_AUDIENCE, onRefused } = options;
  const namespace = options.namespace ?? "__edge";
  checkName(issuer, "issuer");
  checkName(audience, "audience");
  checkName(namespace, "namespace");
  const open = stampOpener(keys, issuer, audience);
  const read = clientDataReader({ open, namespace, signals: options.signals, clientData: options.clientData });
  const policy = policyOf(options);
  const readings = new WeakMap<object, Reading>();
  const readingOf = (data: unknown): Reading | undefined =>
    typeof data === "object" && data !== null ? readings.get(data) : undefined;
  const listeners: ((reading: Reading) => void)[] = [];
  const schema = async (value: unknown): Promise<Out> => {
    const reading = await read(value);
    // Without the guard nothing would look at the reading again.
    if (
      listeners.length === 0 && reading.refusal !== undefined && !acceptsUnsealed(reading, policy.turnsUntil, policy)
    ) {
      throw reading.refusal;
    }
    readings.set(reading.data, reading);
    for (const listener of listeners) listener(reading);
    return reading.data as Out;
  };
  return {
    schema: schema as EdgeSchema<In, Out>,
    guard: (builder) => {
      const onRead = (listener: (reading: Reading) => void): void => void listeners.push(listener);
      return guardBuilder(builder, { chat, policy, readingOf, onRead, onRefused });
    },
    begin: (payload) => beginChat<Out>(payload, { read, policy, onRefused }),
  };
}

function policyOf({ maxAgeSeconds, acceptUnsealed = {}, usedStamps, now = Date.now }: StampPolicy): Policy {
  if (maxAgeSeconds !== undefined && !(Number.isFinite(maxAgeSeconds) && maxAgeSeconds > 0)) {
    throw new TypeError("Cannot use option `maxAgeSeconds`: give a number of seconds above 0");
  }
  return {
    now,
    maxAgeSeconds,
    turnsUntil: timeOf(acceptUnsealed.turnsUntil, "turnsUntil"),
    sessionsUntil: timeOf(acceptUnsealed.sessionsUntil, "sessionsUntil"),
    used: usedStamps,
  };
}

function timeOf(date: Date | undefined, option: string): number {
  const time = date?.getTime() ?? -Infinity;
  if (Number.isNaN(time)) throw new TypeError(`Cannot use option \`acceptUnsealed.${option}\`: give a valid Date`);
  return time;
}
