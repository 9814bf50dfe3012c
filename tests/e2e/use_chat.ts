/** The object behind `useChat`, without React around it: it keeps the messages and drives the transport. */

import { Chat } from "@ai-sdk/react";
import { lastAssistantMessageIsCompleteWithApprovalResponses, type UIMessage } from "ai";
import type { Browser } from "./clients.ts";

export function openUseChat({ chatId, transport }: Browser): Chat<UIMessage> {
  return new Chat({
    id: chatId,
    transport,
    sendAutomaticallyWhen: lastAssistantMessageIsCompleteWithApprovalResponses,
  });
}

/** The last answer's text. */
export function lastText(chat: Chat<UIMessage>): string {
  const last = chat.messages.at(-1);
  if (last?.role !== "assistant") return "";
  return last.parts.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/** Resolves when the chat is idle and `fits` holds; rejects after forty seconds. */
export async function untilIdle(chat: Chat<UIMessage>, fits: () => boolean): Promise<void> {
  for (
    const deadline = Date.now() + 40_000;
    Date.now() < deadline;
    await new Promise((resolve) => setTimeout(resolve, 10))
  ) {
    if (chat.status === "ready" && fits()) return;
    if (chat.error !== undefined) throw chat.error;
  }
  throw new Error(`the chat did not settle: ${chat.status}, ${JSON.stringify(chat.messages.at(-1))}`);
}
