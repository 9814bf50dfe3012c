"use server";

import { auth } from "@trigger.dev/sdk";
import { chat } from "@trigger.dev/sdk/ai";
import { AGENT, EDGE_URL } from "./edge";

// Through the proxy, so that a session's first turn is stamped, too: without a pass with this server's own signals.
const start = chat.createStartSessionAction(AGENT, { baseURL: EDGE_URL });

/** Who asks, and whether the chat is his, is yours to check here. */
export async function startSession(chatId: string, clientData: { userId: string }) {
  const { publicAccessToken } = await start({ chatId, clientData });
  return { publicAccessToken };
}

export async function sessionToken(chatId: string) {
  const scopes = { read: { sessions: chatId }, write: { sessions: chatId } };
  return await auth.withAuth(
    { baseURL: EDGE_URL, accessToken: process.env.TRIGGER_SECRET_KEY },
    () => auth.createPublicToken({ scopes }),
  );
}
