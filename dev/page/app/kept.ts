/** What the browser keeps of a chat across reloads, and shares between tabs. */

import type { ChatSessionPersistedState } from "@trigger.dev/sdk/chat";
import type { UIMessage } from "ai";

/** Each has a place of its own: tabs that write at once do not undo each other's. */
interface Places {
  readonly chat: { readonly startId: string; readonly chatId: string };
  readonly session: ChatSessionPersistedState | null;
  readonly messages: readonly UIMessage[];
}

export type Kept = Places["chat"] & Pick<Places, "session" | "messages">;

const KEY = "edgestamp-play";

/** The chat that was open last, or a new one: what was kept of an earlier start is gone with its servers. */
export function openKept(startId: string): Kept {
  const chat = read("chat");
  if (chat?.startId !== startId) return keepNew(startId);
  return { ...chat, session: read("session") ?? null, messages: read("messages") ?? [] };
}

export function keepNew(startId: string): Kept {
  const chat = { startId, chatId: `chat-${crypto.randomUUID().slice(0, 8)}` };
  const kept: Kept = { ...chat, session: null, messages: [] };
  write("chat", chat);
  write("session", kept.session);
  write("messages", kept.messages);
  return kept;
}

/** Keeps a part of a chat, unless another one is open by now. */
export function keep<P extends "session" | "messages">(chatId: string, place: P, value: Places[P]): void {
  if (read("chat")?.chatId === chatId) write(place, value);
}

/** The messages of a chat that were kept last, by whichever tab. */
export function keptMessages(chatId: string): readonly UIMessage[] | undefined {
  return read("chat")?.chatId === chatId ? read("messages") : undefined;
}

/** Tells what another tab keeps of a chat. Gives the function that stops telling. */
export function onKeptElsewhere(
  chatId: string,
  listener: (kept: Pick<Kept, "session" | "messages">) => void,
): () => void {
  const heard = ({ key }: StorageEvent): void => {
    if (key?.startsWith(KEY) !== true || read("chat")?.chatId !== chatId) return;
    listener({ session: read("session") ?? null, messages: read("messages") ?? [] });
  };
  addEventListener("storage", heard);
  return () => removeEventListener("storage", heard);
}

function read<P extends keyof Places>(place: P): Places[P] | undefined {
  try {
    return JSON.parse(localStorage.getItem(`${KEY}:${place}`) ?? "") as Places[P];
  } catch {
    return undefined;
  }
}

function write<P extends keyof Places>(place: P, value: Places[P]): void {
  localStorage.setItem(`${KEY}:${place}`, JSON.stringify(value));
}
