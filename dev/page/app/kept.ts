/** What the browser keeps of a chat across reloads, and shares between tabs. */

import type { ChatSessionPersistedState } from "@trigger.dev/sdk/chat";
import type { UIMessage } from "ai";

export interface Kept {
  readonly startId: string;
  readonly chatId: string;
  readonly session?: ChatSessionPersistedState;
  readonly messages: readonly UIMessage[];
}

const KEY = "edgestamp-play";

export function newChat(startId: string): Kept {
  return { startId, chatId: `chat-${crypto.randomUUID().slice(0, 8)}`, messages: [] };
}

/** The chat that was open last, or a new one: what was kept of an earlier start is gone with its servers. */
export function openKept(startId: string): Kept {
  const kept = readKept();
  if (kept?.startId === startId) return kept;
  const fresh = newChat(startId);
  keep(fresh);
  return fresh;
}

export function readKept(): Kept | undefined {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? "") as Kept;
  } catch {
    return undefined;
  }
}

export function keep(kept: Kept): void {
  localStorage.setItem(KEY, JSON.stringify(kept));
}

/** Changes what is kept of a chat, unless another one is open by now. */
export function amend(chatId: string, part: Partial<Pick<Kept, "session" | "messages">>): void {
  const kept = readKept();
  if (kept?.chatId === chatId) keep({ ...kept, ...part });
}

/** Tells what another tab keeps. Gives the function that stops telling. */
export function onKeptElsewhere(listener: (kept: Kept) => void): () => void {
  const heard = (event: StorageEvent): void => {
    const kept = event.key === KEY ? readKept() : undefined;
    if (kept !== undefined) listener(kept);
  };
  addEventListener("storage", heard);
  return () => removeEventListener("storage", heard);
}
