/** The real clients, pointed at one place: at the upstream itself, or at a proxy before it. */

import { configure } from "@trigger.dev/sdk";
import { chat } from "@trigger.dev/sdk/ai";
import { AgentChat, type ChatSessionPersistedState, TriggerChatTransport } from "@trigger.dev/sdk/chat";
import type { UIMessage, UIMessageChunk } from "ai";
import { AGENT_ID } from "../../dev/agent.ts";
import type { Local } from "../../dev/serve.ts";

/** Where calls go: appends and creations to `writes`, subscriptions to `reads`. */
export interface Target {
  readonly local: Local;
  readonly writes: string;
  readonly reads: string;
}

export interface Browser {
  readonly transport: TriggerChatTransport;
  readonly chatId: string;
  /** What was said so far, both sides. */
  readonly messages: UIMessage[];
  /** Sends a message. Settles once it is sent, with the answer's stream. */
  open(text: string, options?: SayOptions): Promise<ReadableStream<UIMessageChunk>>;
  /** One turn to its end. */
  say(text: string, options?: SayOptions): Promise<Turn>;
  /** One turn of the messages as they are: after an approval, or to regenerate. */
  send(trigger: "submit-message" | "regenerate-message", options?: SayOptions): Promise<Turn>;
}

export interface SayOptions {
  readonly body?: object;
  readonly metadata?: Record<string, unknown>;
  readonly abortSignal?: AbortSignal;
}

export interface Turn {
  readonly chunks: readonly UIMessageChunk[];
  readonly text: string;
  readonly errors: readonly string[];
}

/** Points the server side of the SDK at the target; its configuration is global. */
export function configureServer(target: Target): void {
  configure({ baseURL: target.writes, accessToken: target.local.environment.secretKey });
}

export interface BrowserOptions {
  readonly clientData?: Record<string, unknown>;
  /** How `baseURL` is given: as one string, or as a function that sends `out` elsewhere. */
  readonly baseURL?: "string" | "function";
  /** What another page kept of its chats. */
  readonly sessions?: Record<string, ChatSessionPersistedState>;
  readonly chatId?: string;
  /** Fetches another token, when the one at hand is refused. */
  readonly accessToken?: () => Promise<string>;
}

/** A browser with the SDK's transport, whose session is created by a server action. */
export function openBrowser(target: Target, options: BrowserOptions = {}): Browser {
  const { writes, reads } = target;
  const chatId = options.chatId ?? `chat-${crypto.randomUUID().slice(0, 8)}`;
  const startSession = chat.createStartSessionAction(AGENT_ID, {
    tokenTTL: "1h",
    baseURL: ({ endpoint }) => (endpoint === "sessions" ? writes : reads),
  });
  const transport = new TriggerChatTransport({
    task: AGENT_ID,
    baseURL: options.baseURL === "function" ? ({ endpoint }) => (endpoint === "in" ? writes : reads) : writes,
    accessToken: options.accessToken ?? (() => Promise.reject(new Error("the transport asked for another token"))),
    startSession: ({ clientData }) => startSession({ chatId, clientData }),
    ...(options.clientData === undefined ? {} : { clientData: options.clientData }),
    ...(options.sessions === undefined ? {} : { sessions: options.sessions }),
  });
  const messages: UIMessage[] = [];
  const stream = (
    trigger: "submit-message" | "regenerate-message",
    { body, metadata, abortSignal }: SayOptions = {},
  ) => {
    const extras = { ...(body === undefined ? {} : { body }), ...(metadata === undefined ? {} : { metadata }) };
    return transport.sendMessages({ trigger, chatId, messageId: undefined, messages, abortSignal, ...extras });
  };
  const open: Browser["open"] = (text, sayOptions) => {
    messages.push({ id: crypto.randomUUID(), role: "user", parts: [{ type: "text", text }] });
    return stream("submit-message", sayOptions);
  };
  return {
    transport,
    chatId,
    messages,
    open,
    say: async (text, sayOptions) => readTurn(await open(text, sayOptions)),
    send: async (trigger, sayOptions) => readTurn(await stream(trigger, sayOptions)),
  };
}

/** An `AgentChat`: a chat held by a server, with the secret key. */
export function openAgentChat(target: Target, clientData: Record<string, unknown>): AgentChat {
  configureServer(target);
  return new AgentChat({
    agent: AGENT_ID,
    id: `chat-${crypto.randomUUID().slice(0, 8)}`,
    clientData,
    baseURL: target.writes,
  });
}

export async function readTurn(stream: ReadableStream<UIMessageChunk>): Promise<Turn> {
  const chunks: UIMessageChunk[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  const text = chunks.map((chunk) => (chunk.type === "text-delta" ? chunk.delta : "")).join("");
  return { chunks, text, errors: chunks.flatMap((chunk) => (chunk.type === "error" ? [chunk.errorText] : [])) };
}
