/**
 * What of a `chat.agent` the guard has to know: the events that its runtime gives to hooks, as far as
 * they are read here (`@trigger.dev/sdk` 4.8). Nothing of the SDK itself is imported.
 *
 * @module
 */

/** The SDK's `chat`, as far as it is needed: a refused message is taken out of the history. */
export interface ChatApi {
  /** The chat's messages: read before a turn, and put back where it was refused. */
  readonly history: { all(): readonly unknown[]; set(messages: never): void };
}

/** A hook of a guarded agent. */
export type Hook = (event: HookEvent, ...rest: never[]) => unknown;

/** The members of hook events that are read here. No hook gets all of them. */
export interface HookEvent {
  readonly chatId: string;
  readonly clientData?: unknown;
  readonly turn?: number;
  readonly continuation?: boolean;
  readonly preloaded?: boolean;
  readonly trigger?: string;
  readonly messageId?: string;
  readonly messages?: readonly unknown[];
  readonly uiMessages?: readonly Identified[];
  readonly newUIMessages?: readonly Identified[];
  readonly responseMessage?: Identified | undefined;
  readonly action?: unknown;
  readonly phase?: string;
  readonly error?: unknown;
  readonly settledMessages?: readonly Identified[];
  readonly inFlightUsers?: readonly Identified[];
}

/** A chat message, as far as it has to be told from others. */
export interface Identified {
  readonly id: string;
}

/** The options of `chat.agent` that are read here. */
export interface AgentOptions {
  readonly run: Hook;
  readonly tools?: Hook | object;
  readonly actionSchema?: unknown;
  readonly onBoot?: Hook;
  readonly onPreload?: Hook;
  readonly onRecoveryBoot?: Hook;
  readonly onValidateMessages?: Hook;
  readonly onAction?: Hook;
  readonly onChatStart?: Hook;
  readonly onTurnStart?: Hook;
  readonly onTurnComplete?: Hook;
  readonly onChatSuspend?: Hook;
  readonly onChatResume?: Hook;
}

/** What `onRecoveryBoot` may answer with. */
export interface Recovery {
  readonly chain?: readonly Identified[];
  readonly recoveredTurns?: readonly Identified[];
  readonly beforeBoot?: () => unknown;
}

/** Takes any of the schemas that the SDK takes, in the way the SDK does. */
export function schemaParser(schema: unknown): (value: unknown) => unknown {
  const parser = schema as Record<string, unknown> & ((value: unknown) => unknown);
  if (typeof parser === "function") return typeof parser["assert"] === "function" ? bound(parser, "assert") : parser;
  const name = ["parseAsync", "parse", "validateSync", "create"].find((method) => typeof parser[method] === "function");
  if (name !== undefined) return bound(parser, name);
  const assert = bound(parser, "assert");
  return (value) => (assert(value), value);
}

function bound(parser: Record<string, unknown>, name: string): (value: unknown) => unknown {
  const method = parser[name];
  if (typeof method !== "function") {
    throw new TypeError("Cannot use option `actionSchema`: give a schema that chat.agent takes");
  }
  return (value) => method.call(parser, value);
}
