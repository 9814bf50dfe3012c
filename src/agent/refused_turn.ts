/**
 * What becomes of a turn that was refused: it is told, and nothing of it stays in the history.
 *
 * @module
 */
import type { ChatApi, HookEvent, Identified } from "./hooks.ts";
import type { Policy, RunState } from "./judge.ts";
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
  /** Tells a listener of everything that the parser reads: the first thing that happens in a turn. */
  readonly onRead: (listener: (reading: Reading) => void) => void;
  readonly onRefused: ((refused: Refused) => void) | undefined;
}

/** What a guard remembers. A process executes one run at a time, and each begins with `onBoot`. */
export interface GuardState {
  run: RunState | undefined;
  turn: GuardTurn | undefined;
  /** What the agent's own `tools` gave last. */
  tools: unknown;
}

/** The turn that is under way, or at a boot what comes before one. */
export interface GuardTurn {
  readonly reading: Reading | undefined;
  /** The history before it. */
  readonly before: readonly unknown[];
  /** Whether it is the turn of a message, which was judged. */
  hasMessage: boolean;
  /** What the agent's own `tools` threw. It is thrown on when the turn was judged, for nothing is known before. */
  failure: { readonly error: unknown } | undefined;
}

/** Why a turn that is over was not to be acted on; `undefined` where it was. */
export function refusalOf(
  event: HookEvent,
  context: GuardContext,
  turn: GuardTurn | undefined,
): StampRefusal | undefined {
  const { error } = event;
  if (error instanceof StampRefusal) return error;
  // Of a turn that failed, the runtime tells no client data.
  const reading = context.readingOf(event.clientData) ?? turn?.reading;
  if (reading?.passed !== true) return new StampRefusal("unjudged", { cause: error });
  return error !== undefined && strays(event, turn).length > 0 ? new StampRefusal("message") : undefined;
}

/**
 * The messages that came with a turn that was not theirs, such as one beside an action: nobody looked at
 * them, and where the turn fails the runtime puts them into the history.
 */
function strays(
  { newUIMessages = [], responseMessage }: HookEvent,
  turn: GuardTurn | undefined,
): readonly Identified[] {
  return turn?.hasMessage === true ? [] : newUIMessages.filter(({ id }) => id !== responseMessage?.id);
}

/** Tells of a refused turn, and takes what it left out of the history. */
export function refuse(event: HookEvent, refusal: StampRefusal, context: GuardContext, state: GuardState): void {
  const { run, turn } = state;
  report(context, event.chatId, refusal);
  if (run !== undefined) {
    // A turn without a message, by the creation's stamp: so begins a run with a head start, and only that brings a
    // history of its own along. Nothing proves it, so neither is anything answered that comes after it.
    const isHeadStart = !run.opened && turn?.reading?.claims?.use === "create" && event.newUIMessages?.length === 0;
    run.opened = true;
    if (isHeadStart) {
      run.creation = refusal.reason === "head_start" ? refusal : new StampRefusal("creation", { cause: refusal });
      return restore(context.chat, event, []);
    }
  }
  const isPassed = turn?.reading?.passed === true && !(event.error instanceof StampRefusal);
  const stray = new Set(strays(event, turn));
  restore(context.chat, event, isPassed ? event.uiMessages?.filter((message) => !stray.has(message)) : turn?.before);
}

/** Tells the agent's log. */
export function report({ onRefused }: GuardContext, chatId: string, refusal: StampRefusal): void {
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
