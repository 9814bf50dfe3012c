/** The proxy: of another origin than the page, so its `cors.origins` must name the page's. */
export const EDGE_URL: string = import.meta.env.VITE_EDGE_URL ?? "http://localhost:3000";
export const AGENT = "my-agent";

/** A token for this chat alone, from the app's server. */
export async function tokenFor(chatId: string): Promise<string> {
  const response = await fetch(`${EDGE_URL}/token?chat=${encodeURIComponent(chatId)}`, { method: "POST" });
  if (!response.ok) throw new Error(`There is no token for this chat: ${response.status}`);
  return ((await response.json()) as { token: string }).token;
}

/** Creates the chat's session from the browser, so that its first turn is stamped with what the edge knows of the browser. */
export async function startSession(chatId: string, clientData: unknown): Promise<{ publicAccessToken: string }> {
  const response = await fetch(`${EDGE_URL}/api/v1/sessions`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${await tokenFor(chatId)}` },
    body: JSON.stringify({
      type: "chat.agent",
      externalId: chatId,
      taskIdentifier: AGENT,
      triggerConfig: { basePayload: { chatId, trigger: "preload", metadata: clientData } },
    }),
  });
  const answer = (await response.json()) as { publicAccessToken: string; error?: string };
  if (!response.ok) throw new Error(answer.error ?? `The chat could not be started: ${response.status}`);
  return answer;
}
