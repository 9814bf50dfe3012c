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
import type { AgentOptions, Hook, HookEvent, Identified, Recovery } from "./hooks.ts";
import { schemaParser } from "./hooks.ts";
import { acceptsUnsealed, judgeCreation, judgeTurn, keepUse, type Policy, startRun, type Turn } from "./judge.ts";
import { ParsedAction } from "./parsed_action.ts";
import type { Reading } from "./reading.ts";
import { StampRefusal } from "./refusal.ts";
import { type GuardContext, type GuardState, type GuardTurn, refusalOf, refuse, report } from "./refused_turn.ts";

/** Puts the checks in front of an agent's hooks. */
export function guardAgent(options: AgentOptions, context: GuardContext): AgentOptions {
  const state: GuardState = { run: undefined, turn: undefined, tools: {} };
  context.onRead((reading) => state.turn = beginTurn(reading, context));
  return {
    ...options,
    ...bootHooks(options, context, state),
    ...messageHooks(options, context, state),
    ...actionHooks(options, context, state),
    ...answerHooks(options, context, state),
  };
}

function beginTurn(reading: Reading | undefined, { chat }: GuardContext): GuardTurn {
  return { reading, before: chat.history.all(), hasMessage: false, failure: undefined };
}

/** Judges a turn, and then throws what had failed in it before. */
async function judge(turn: Turn, reading: Reading | undefined, state: GuardState, policy: Policy): Promise<void> {
  await judgeTurn(reading, turn, state.run, policy);
  if (state.turn !== undefined && turn.subject !== undefined) state.turn.hasMessage = "message" in turn.subject;
  if (state.turn?.failure !== undefined) throw state.turn.failure.error;
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
  const { policy, readingOf } = context;
  return {
    tools: async (event: HookEvent, ...rest: never[]) => {
      const reading = readingOf(event.clientData);
      if (state.turn === undefined || state.turn.reading !== reading) state.turn = beginTurn(reading, context);
      if (reading === undefined) throw new StampRefusal("unread");
      // Before onBoot, the restored history is converted with the creation's client data: that is no turn yet.
      const isTurn = state.run?.chatId === event.chatId;
      const isAccepted = acceptsUnsealed(reading, isTurn ? policy.turnsUntil : policy.sessionsUntil, policy);
      if (reading.refusal !== undefined && !isAccepted) {
        if (isTurn) throw state.run?.creation ?? reading.refusal;
        return {};
      }
      if (typeof options.tools !== "function") return options.tools ?? {};
      try {
        state.tools = await (options.tools as Hook)(event, ...rest);
      } catch (error) {
        if (!isTurn) throw error;
        state.turn.failure = { error };
      }
      return state.tools;
    },
    onValidateMessages: async (event, ...rest) => {
      const { chatId, trigger, messages = [] } = event;
      const subject = { message: messages.length === 1 ? messages[0] : messages };
      // This hook gets no client data: it is that of `tools`, a moment before.
      await judge({ chatId, trigger, subject, first: event.turn === 0 }, state.turn?.reading, state, policy);
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
    ...(parse && { actionSchema: (value: unknown) => ParsedAction.from(value, parse) }),
    onAction: async (event, ...rest) => {
      const parsed = event.action instanceof ParsedAction ? event.action : undefined;
      // The runtime spares an action its schema where the payload says that a webhook sent it: anybody can say so.
      if (parse !== undefined && parsed === undefined) throw new StampRefusal("message");
      const reading = context.readingOf(event.clientData);
      const subject = { action: parsed === undefined ? event.action : parsed.raw };
      await judge({ chatId: event.chatId, trigger: "action", subject, first: false }, reading, state, context.policy);
      const action = parsed === undefined ? event.action : parsed.value();
      // Kept before it is acted on: the runtime never dispatches an action twice.
      await keepUse(reading, context.policy);
      return await onAction({ ...event, action }, ...rest);
    },
  };
}

/**
 * A creation's stamp may prove the first message. With a head start the runtime puts half an answer after it, which
 * nothing proves: then it is not the message that is to be answered.
 */
function refuseHeadStart({ messages = [] }: HookEvent, reading: Reading | undefined): void {
  const last = messages.at(-1) as { readonly role?: unknown } | undefined;
  if (reading?.claims?.use === "create" && last?.role !== "user") throw new StampRefusal("head_start");
}

/** What is called for an answer, and after it. A turn that no hook has judged by now has no message. */
function answerHooks(options: AgentOptions, context: GuardContext, state: GuardState): Partial<AgentOptions> {
  const { policy, readingOf } = context;
  const judgeEvent = ({ chatId, trigger, clientData }: HookEvent): Promise<void> =>
    judge({ chatId, trigger, first: false }, readingOf(clientData), state, policy);
  const afterJudging = (own: Hook | undefined): Hook => async (event, ...rest) => {
    await judgeEvent(event);
    refuseHeadStart(event, readingOf(event.clientData));
    return await own?.(event, ...rest);
  };
  return {
    onChatStart: afterJudging(options.onChatStart),
    onTurnStart: afterJudging(options.onTurnStart),
    run: async (event, ...rest) => {
      await judgeEvent(event);
      const claims = readingOf(event.clientData)?.claims;
      const isRepeat = claims !== undefined && claims.mh === undefined;
      if (isRepeat && (claims.trg !== event.trigger || claims.mid !== event.messageId)) {
        throw new StampRefusal("message");
      }
      return await options.run(event, ...rest);
    },
    onTurnComplete: async (event, ...rest) => {
      const refusal = refusalOf(event, context, state.turn);
      if (refusal !== undefined) return refuse(event, refusal, context, state);
      // The answer is given: a store that fails now must not take it back.
      await keepUse(readingOf(event.clientData) ?? state.turn?.reading, policy).catch(() => {});
      return await options.onTurnComplete?.(event, ...rest);
    },
  };
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
