/** The chat as any app has it: the SDK's transport and `useChat`, pointed at the proxy. */

import { useChat } from "@ai-sdk/react";
import type { ChatTransportEvent, TriggerChatTransport } from "@trigger.dev/sdk/chat";
import { useMultiTabChat, useTriggerChatTransport } from "@trigger.dev/sdk/chat/react";
import { lastAssistantMessageIsCompleteWithApprovalResponses, type UIMessage } from "ai";
import { useEffect, useMemo, useRef, useState } from "react";
import { playHeaders } from "../../edge_signals.ts";
import type { PageConfig } from "../../inspector_facts.ts";
import { keep, type Kept, keptMessages, onKeptElsewhere } from "./kept.ts";
import { FORGED, type PlayState } from "./play.ts";
import type { Sending, Sendings } from "./turns.ts";

/** Asks the app's own server. */
async function ask<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`The app's server could not start the chat: it answered ${response.status}`);
  return await response.json() as T;
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

/** Notes what the browser knows of each message it sends. */
function useSendings(): { sendings: Sendings; note: (id: string | undefined, part: Partial<Sending>) => void } {
  const [sendings, setSendings] = useState<Sendings>({});
  const note = (id: string | undefined, part: Partial<Sending>): void => {
    if (id !== undefined) setSendings((all) => ({ ...all, [id]: { around: false, ...all[id], ...part } }));
  };
  return { sendings, note };
}

function useTransport(config: PageConfig, kept: Kept, { play, latest }: PlayState) {
  const { sendings, note } = useSendings();
  const last = useRef<string>(undefined);
  const clientData = useMemo(
    () => ({ ...config.clientData, ...(play.forge && { [config.namespace]: FORGED }) }),
    [play.forge, config],
  );
  const transport = useTriggerChatTransport({
    task: config.agentId,
    clientData,
    multiTab: true,
    baseURL: () => (latest.current.around ? config.upstreamUrl : config.proxyUrl),
    ...(kept.session !== null && { sessions: { [kept.chatId]: kept.session } }),
    startSession: ({ chatId, clientData }) => ask<{ publicAccessToken: string }>("/app/start", { chatId, clientData }),
    accessToken: async ({ chatId }) => (await ask<{ token: string }>("/app/token", { chatId })).token,
    onSessionChange: (chatId, session) => keep(chatId, "session", session),
    onEvent: (event) => tell(event, last.current, note),
    fetch: (url, init, { endpoint }) => {
      const headers = new Headers(init.headers);
      const { around } = latest.current;
      if (endpoint === "in") {
        last.current = headers.get("x-part-id") ?? undefined;
        note(last.current, { sent: now(), around });
        // Played for the proxy; what goes around it goes as it is.
        if (!around) {
          for (const [name, value] of Object.entries(playHeaders(latest.current))) headers.set(name, value);
        }
      }
      return fetch(url, { ...init, headers });
    },
  });
  return { transport, sendings };
}

function tell(
  { type }: ChatTransportEvent,
  id: string | undefined,
  note: (id: string | undefined, part: Partial<Sending>) => void,
): void {
  if (type === "first-chunk") note(id, { firstWord: now() });
  else if (type === "turn-completed") note(id, { over: now() });
}

export type Chat = ReturnType<typeof useThroughChat>;

export function useThroughChat(config: PageConfig, kept: Kept, play: PlayState) {
  const { chatId } = kept;
  const { transport, sendings } = useTransport(config, kept, play);
  const chat = useChat<UIMessage>({
    id: chatId,
    messages: [...kept.messages],
    transport,
    resume: kept.session?.isStreaming === true,
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
  });
  const { messages, setMessages, status } = chat;
  /** Whether the messages are as another tab told them: then it keeps them, and this one must not. */
  const isHearsay = useRef(true);
  const hear = (told: readonly UIMessage[]): void => {
    isHearsay.current = true;
    setMessages([...told]);
  };
  const { isReadOnly } = useMultiTabChat(transport, chatId, messages, (told) => {
    // A tab that becomes a looker-on tells once more what it had, and would take back what the other has just written.
    if (transport.isReadOnly(chatId)) hear(told);
  });
  useOtherTabs(transport, chatId, { isIdle: status === "ready" || status === "error", isReadOnly, hear });
  useEffect(() => {
    if (status === "submitted" || status === "streaming") isHearsay.current = false;
    // An answer is kept when it is whole: a stream that is resumed tells it from its beginning.
    if (status !== "streaming" && !isHearsay.current) keep(chatId, "messages", messages);
  }, [chatId, messages, status]);
  return { ...chat, isReadOnly, sendings };
}

interface Hearing {
  readonly isIdle: boolean;
  readonly isReadOnly: boolean;
  hear(messages: readonly UIMessage[]): void;
}

/** Learns what another tab keeps: that the chat's session was started there, and how its answers ended. */
function useOtherTabs(transport: TriggerChatTransport, chatId: string, state: Hearing): void {
  const latest = useRef(state);
  latest.current = state;
  const { isReadOnly } = state;
  useEffect(
    () =>
      onKeptElsewhere(chatId, ({ session, messages }) => {
        if (session !== null && transport.getSession(chatId) === undefined) transport.setSession(chatId, session);
        if (latest.current.isIdle && !transport.hasClaim(chatId)) latest.current.hear(messages);
      }),
    [transport, chatId],
  );
  useEffect(() => {
    // What was told live may have come after what was kept, and before the other tab was done.
    const whole = isReadOnly ? undefined : keptMessages(chatId);
    if (whole !== undefined && latest.current.isIdle) latest.current.hear(whole);
  }, [chatId, isReadOnly]);
}
