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
  /** The chat. */
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

/** What a guard remembers. A process executes one run at a time, and each begins with `onBoot`. */
interface GuardState {
  run: RunState | undefined;
  /** The turn that is under way: what was read of it, and the history before it. */
  turn: { readonly reading: Reading | undefined; readonly before: readonly unknown[] } | undefined;
}

/** Puts the checks in front of an agent's hooks. */
export function guardAgent(options: AgentOptions, context: GuardContext): AgentOptions {
  const state: GuardState = { run: undefined, turn: undefined };
  return {
    ...options,
    ...bootHooks(options, context, state),
    ...messageHooks(options, context, state),
    ...actionHooks(options, context, state),
    ...answerHooks(options, context, state),
  };
}

/** What is called before there is a turn: the creation is judged, and what an earlier run left is put in order. */
function bootHooks(options: AgentOptions, context: GuardContext, state: GuardState): Partial<AgentOptions> {
  const unlessRefused = (own: Hook): Hook => async (event, ...rest) => {
    if (state.run?.creation === undefined || event.phase === "turn") return await own(event, ...rest);
  };
  return {
    onBoot: async (event, ...rest) => {
      const { chatId, continuation, preloaded } = event;
      const creation = judgeCreation(context.readingOf(event.clientData), chatId, context.policy);
      state.run = startRun({ chatId, creation, mayBringTurn: continuation !== true && preloaded !== true });
      state.turn = undefined;
      if (creation !== undefined) return report(context, chatId, creation);
      return await options.onBoot?.(event, ...rest);
    },
    ...(options.onPreload && { onPreload: unlessRefused(options.onPreload) }),
    ...(options.onChatSuspend && { onChatSuspend: unlessRefused(options.onChatSuspend) }),
    ...(options.onChatResume && { onChatResume: unlessRefused(options.onChatResume) }),
    onRecoveryBoot: (event, ...rest) => recover(event, () => options.onRecoveryBoot?.(event, ...rest)),
  };
}

/** What is called first in a turn: `tools` always, `onValidateMessages` where a message came. */
function messageHooks(options: AgentOptions, context: GuardContext, state: GuardState): Partial<AgentOptions> {
  const { chat, policy, readingOf } = context;
  return {
    tools: async (event: HookEvent, ...rest: never[]) => {
      const reading = readingOf(event.clientData);
      if (reading === undefined) throw new StampRefusal("unread");
      state.turn = { reading, before: chat.history.all() };
      // Before onBoot, the restored history is converted with the creation's client data: that is no turn yet.
      const isTurn = state.run?.chatId === event.chatId;
      const isAccepted = acceptsUnsealed(reading, isTurn ? policy.turnsUntil : policy.sessionsUntil, policy);
      if (reading.refusal !== undefined && !isAccepted) {
        if (isTurn) throw state.run?.creation ?? reading.refusal;
        return {};
      }
      return typeof options.tools === "function" ? await (options.tools as Hook)(event, ...rest) : options.tools ?? {};
    },
    onValidateMessages: async (event, ...rest) => {
      const { chatId, trigger, messages = [] } = event;
      const subject = { message: messages.length === 1 ? messages[0] : messages };
      // This hook gets no client data: it is that of `tools`, a moment before.
      await judgeTurn(state.turn?.reading, { chatId, trigger, subject, first: event.turn === 0 }, state.run, policy);
      return options.onValidateMessages === undefined ? messages : await options.onValidateMessages(event, ...rest);
    },
  };
}

/** What is called where an action came. It is judged as it was sent, and handed on as its schema made it. */
function actionHooks(options: AgentOptions, context: GuardContext, state: GuardState): Partial<AgentOptions> {
  const { onAction, actionSchema } = options;
  if (onAction === undefined) return {};
  const parse = actionSchema === undefined ? undefined : schemaParser(actionSchema);
  return {
    ...(parse && { actionSchema: async (value: unknown) => new ParsedAction(value, await parse(value)) }),
    onAction: async (event, ...rest) => {
      const parsed = event.action instanceof ParsedAction ? event.action : undefined;
      const reading = context.readingOf(event.clientData);
      const subject = { action: parsed === undefined ? event.action : parsed.raw };
      await judgeTurn(
        reading,
        { chatId: event.chatId, trigger: "action", subject, first: false },
        state.run,
        context.policy,
      );
      // Kept before it is acted on: the runtime never dispatches an action twice.
      await keepUse(reading, context.policy);
      return await onAction(parsed === undefined ? event : { ...event, action: parsed.parsed }, ...rest);
    },
  };
}

/** What is called for an answer, and after it. A turn that no hook has judged by now has no message. */
function answerHooks(options: AgentOptions, context: GuardContext, state: GuardState): Partial<AgentOptions> {
  const { chat, policy, readingOf } = context;
  const judge = ({ chatId, trigger, clientData }: HookEvent): Promise<void> =>
    judgeTurn(readingOf(clientData), { chatId, trigger, first: false }, state.run, policy);
  const afterJudging = (own: Hook | undefined): Hook => async (event, ...rest) => {
    await judge(event);
    return await own?.(event, ...rest);
  };
  return {
    onChatStart: afterJudging(options.onChatStart),
    onTurnStart: afterJudging(options.onTurnStart),
    run: async (event, ...rest) => {
      await judge(event);
      const claims = readingOf(event.clientData)?.claims;
      const isRepeat = claims !== undefined && claims.mh === undefined;
      if (isRepeat && (claims.trg !== event.trigger || claims.mid !== event.messageId)) {
        throw new StampRefusal("message");
      }
      return await options.run(event, ...rest);
    },
    onTurnComplete: async (event, ...rest) => {
      if (event.error instanceof StampRefusal) {
        report(context, event.chatId, event.error);
        return restore(chat, event, state.turn?.before);
      }
      // The answer is given: a store that fails now must not take it back.
      await keepUse(state.turn?.reading, policy).catch(() => {});
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
