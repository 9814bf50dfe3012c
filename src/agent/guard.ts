/**
 * The checks that know the chat and the message, put in front of an agent's own hooks.
 *
 * For each turn the runtime calls, in this order: the parser of client data, `tools`,
 * `onValidateMessages` (where a message came) or `onAction`, `onChatStart`, `onTurnStart`, `run`,
 * `onTurnComplete`. What throws in between ends the turn, not the run: the user sees the error's
 * message, and the chat goes on.
 *
 * @module
 */
import type { AgentOptions, ChatApi, Hook, HookEvent, Identified, Recovery } from "./hooks.ts";
import { schemaParser } from "./hooks.ts";
import { acceptsUnsealed, judgeCreation, judgeTurn, keepUse, type Policy, type RunState, startRun } from "./judge.ts";
import type { Reading } from "./reading.ts";
import { StampRefusal } from "./refusal.ts";

/** What was refused. */
export interface Refused {
  readonly chatId: string;
  /** Its `reason` says what was wrong. */
  readonly refusal: StampRefusal;
}

/** What a guard works with. */
export interface GuardContext {
  readonly chat: ChatApi;
  readonly policy: Policy;
  /** What the parser found, by the client data that it gave to the hooks. */
  readonly readingOf: (clientData: unknown) => Reading | undefined;
  readonly onRefused: ((refused: Refused) => void) | undefined;
}

/** The turn that is under way. */
interface Current {
  readonly reading: Reading | undefined;
  /** The history before it. */
  readonly before: readonly unknown[];
}

/** Puts the checks in front of an agent's hooks. */
export function guardAgent(options: AgentOptions, context: GuardContext): AgentOptions {
  const { chat, policy, readingOf } = context;
  // A process executes one run at a time, and each begins with onBoot.
  let run: RunState | undefined;
  let current: Current | undefined;

  const judge = (event: HookEvent, turn: Parameters<typeof judgeTurn>[1], reading = readingOf(event.clientData)): Promise<void> =>
    judgeTurn(reading, turn, run, policy);

  /** A turn without a message: the model is to answer once more. */
  const judgeRepeat = (event: HookEvent): Promise<void> =>
    judge(event, { chatId: event.chatId, trigger: event.trigger, first: false });

  const afterJudging = (own: Hook | undefined): Hook => async (event, ...rest) => {
    await judgeRepeat(event);
    return await own?.(event, ...rest);
  };

  const unlessRefused = (own: Hook): Hook => async (event, ...rest) => {
    if (run?.creation === undefined || event.phase === "turn") return await own(event, ...rest);
  };

  return {
    ...options,
    onBoot: async (event, ...rest) => {
      const creation = judgeCreation(readingOf(event.clientData), event.chatId, policy);
      const mayBringTurn = event.continuation !== true && event.preloaded !== true;
      run = startRun({ chatId: event.chatId, creation, mayBringTurn });
      current = undefined;
      if (creation !== undefined) return report(context, event.chatId, creation);
      return await options.onBoot?.(event, ...rest);
    },
    ...(options.onPreload && { onPreload: unlessRefused(options.onPreload) }),
    ...(options.onChatSuspend && { onChatSuspend: unlessRefused(options.onChatSuspend) }),
    ...(options.onChatResume && { onChatResume: unlessRefused(options.onChatResume) }),
    onRecoveryBoot: (event, ...rest) => recover(event, () => options.onRecoveryBoot?.(event, ...rest)),
    tools: async (event: HookEvent, ...rest: never[]) => {
      const reading = readingOf(event.clientData);
      // Before onBoot, the restored history is converted with the creation's client data: no turn yet.
      const isTurn = run?.chatId === event.chatId;
      current = { reading, before: chat.history.all() };
      if (reading === undefined) throw new StampRefusal("unread");
      const isAccepted = acceptsUnsealed(reading, isTurn ? policy.turnsUntil : policy.sessionsUntil, policy);
      if (reading.refusal !== undefined && !isAccepted) {
        if (isTurn) throw run?.creation ?? reading.refusal;
        return {};
      }
      return typeof options.tools === "function" ? await (options.tools as Hook)(event, ...rest) : options.tools ?? {};
    },
    onValidateMessages: async (event, ...rest) => {
      const messages = event.messages ?? [];
      const subject = { message: messages.length === 1 ? messages[0] : messages };
      await judge(event, { chatId: event.chatId, trigger: event.trigger, subject, first: event.turn === 0 }, current?.reading);
      return options.onValidateMessages === undefined ? event.messages : await options.onValidateMessages(event, ...rest);
    },
    ...(options.onAction && actionHooks(options, options.onAction, async (event, action) => {
      await judge(event, { chatId: event.chatId, trigger: "action", subject: { action }, first: false });
      // Kept before it is acted on: the runtime never dispatches an action twice.
      await keepUse(readingOf(event.clientData), policy);
    })),
    onChatStart: afterJudging(options.onChatStart),
    onTurnStart: afterJudging(options.onTurnStart),
    run: async (event, ...rest) => {
      await judgeRepeat(event);
      const claims = readingOf(event.clientData)?.claims;
      const isRepeat = claims !== undefined && claims.mh === undefined;
      if (isRepeat && (claims.trg !== event.trigger || claims.mid !== event.messageId)) throw new StampRefusal("message");
      return await options.run(event, ...rest);
    },
    onTurnComplete: async (event, ...rest) => {
      if (event.error instanceof StampRefusal) {
        report(context, event.chatId, event.error);
        return restore(chat, event, current?.before);
      }
      await keepUse(current?.reading, policy);
      return await options.onTurnComplete?.(event, ...rest);
    },
  };
}

function report({ onRefused }: GuardContext, chatId: string, refusal: StampRefusal): void {
  try {
    onRefused?.({ chatId, refusal });
  } catch {
    // What a log does must not undo the refusal.
  }
}

/**
 * Takes a refused message out of the history. The runtime puts the message of a failed turn there,
 * and would give it to the model with the next turn.
 */
function restore(chat: ChatApi, { uiMessages = [] }: HookEvent, before: readonly unknown[] | undefined): void {
  if (before === undefined) return;
  const isSame = uiMessages.length === before.length && uiMessages.every((message, index) => message === before[index]);
  if (!isSame) chat.history.set([...before] as never);
}

/**
 * Messages that a run left behind when it died are dispatched again, each as a turn that is judged.
 * Left to itself, the runtime would put the first of them into the history unread.
 */
async function recover(event: HookEvent, own: () => unknown): Promise<Recovery> {
  const { settledMessages = [], inFlightUsers = [] } = event;
  const answer = await Promise.resolve().then(own).catch(() => undefined) as Recovery | undefined;
  const unread = new Set(inFlightUsers.map(({ id }) => id));
  const chain = (answer?.chain ?? settledMessages).filter(({ id }) => !unread.has(id));
  const turns = answer?.recoveredTurns ?? inFlightUsers;
  const spliced = inFlightUsers.filter(({ id }) => has(answer?.chain, id) && !has(turns, id));
  return { ...answer, chain, recoveredTurns: [...spliced, ...turns] };
}

function has(messages: readonly Identified[] | undefined, id: string): boolean {
  return messages?.some((message) => message.id === id) === true;
}

/** An action as it came, beside what its schema made of it. The runtime's traces get only the latter. */
class ParsedAction {
  readonly raw: unknown;
  readonly parsed: unknown;

  constructor(raw: unknown, parsed: unknown) {
    this.raw = raw;
    this.parsed = parsed;
  }

  toJSON(): unknown {
    return this.parsed;
  }
}

function actionHooks(
  { actionSchema }: AgentOptions,
  onAction: Hook,
  judge: (event: HookEvent, action: unknown) => Promise<void>,
): Partial<AgentOptions> {
  const parse = actionSchema === undefined ? undefined : schemaParser(actionSchema);
  return {
    ...(parse && { actionSchema: async (value: unknown) => new ParsedAction(value, await parse(value)) }),
    onAction: async (event, ...rest) => {
      const { action } = event;
      const isParsed = action instanceof ParsedAction;
      await judge(event, isParsed ? action.raw : action);
      return await onAction(isParsed ? { ...event, action: action.parsed } : event, ...rest);
    },
  };
}
