/**
 * The same checks for a `chat.customAgent`, whose loop is its own.
 *
 * @module
 */
import type { Refused } from "./refused_turn.ts";
import { judgeCreation, judgeTurn, keepUse, type Policy, startRun } from "./judge.ts";
import type { ReadClientData, Reading } from "./reading.ts";
import { StampRefusal } from "./refusal.ts";

/** A payload as it comes over the wire, as far as it is read here. */
export interface WirePayload {
  /** The chat. */
  readonly chatId: string;
  /** Why it was sent: `submit-message`, `regenerate-message`, `action`, `preload`, `close`. */
  readonly trigger?: string | undefined;
  /** The message, where there is one. */
  readonly message?: unknown;
  /** The message that is meant. */
  readonly messageId?: string | undefined;
  /** The action, where there is one. */
  readonly action?: unknown;
  /** The client data with its stamp, unparsed. */
  readonly metadata?: unknown;
  /** Whether the run continues an earlier one. */
  readonly continuation?: boolean | undefined;
}

/** A run of a custom agent that has begun. */
export interface BegunChat<Out> {
  /**
   * Checks the payload of one turn, and gives its client data. Throws a `StampRefusal`, whose message
   * is made for the user: show it, and answer nothing.
   */
  check(payload: WirePayload): Promise<Out>;
}

/** What a custom agent's checks work with. */
export interface CustomContext {
  readonly read: ReadClientData;
  readonly policy: Policy;
  readonly onRefused: ((refused: Refused) => void) | undefined;
}

/** Begins a run. It does not throw for what its session was created with: every later run has the same. */
export async function beginChat<Out>(
  boot: WirePayload,
  { read, policy, onRefused }: CustomContext,
): Promise<BegunChat<Out>> {
  const { chatId } = boot;
  const creation = judgeCreation(await read(boot.metadata), chatId, policy);
  const run = startRun({ chatId, creation, mayBringTurn: boot.continuation !== true && boot.trigger !== "preload" });
  const check = async (payload: WirePayload): Promise<Reading> => {
    const reading = await read(payload.metadata);
    await judgeTurn(reading, turnOf(payload, payload === boot), run, policy);
    const { claims } = reading;
    // Without claims it was accepted unsealed, and there is nothing to compare.
    const isRepeat = claims !== undefined && claims.mh === undefined;
    if (isRepeat && claims.mid !== payload.messageId) throw new StampRefusal("message");
    await keepUse(reading, policy);
    return reading;
  };
  return {
    async check(payload) {
      try {
        return (await check(payload)).data as Out;
      } catch (error) {
        if (error instanceof StampRefusal) onRefused?.({ chatId, refusal: error });
        throw error;
      }
    },
  };
}

function turnOf({ chatId, trigger, message, action }: WirePayload, first: boolean): Parameters<typeof judgeTurn>[1] {
  const turn = { chatId, trigger: trigger ?? "", first };
  if (message !== undefined && message !== null) return { ...turn, subject: { message } };
  return trigger === "action" ? { ...turn, subject: { action } } : turn;
}
