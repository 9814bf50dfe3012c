/** A walk through one conversation: what the browser sent, what reached Trigger.dev, what the agent saw and said. */

import { configure } from "@trigger.dev/sdk";
import { chat } from "@trigger.dev/sdk/ai";
import { TriggerChatTransport } from "@trigger.dev/sdk/chat";
import type { UIMessage } from "ai";
import { AGENT_ID } from "./agent.ts";
import { BOT_SCORE_HEADER } from "./edge_signals.ts";
import type { Observation } from "./observations.ts";
import type { RecordedRequest } from "./record.ts";
import type { Local } from "./serve.ts";

export interface Walk {
  readonly local: Local;
  readonly proxyUrl: string;
  readonly namespace: string;
  /** Every request that reached the upstream, in order. */
  readonly reached: readonly RecordedRequest[];
  /** The command that starts the same with a seal, which is named where a made-up stamp is believed. */
  readonly sealedStart: string;
  readonly print: (line: string) => void;
}

/** Where the walk left its chat, for whoever wants to go on by hand. */
export interface Walked {
  readonly chatId: string;
  readonly token: string;
}

const FORGED = { botScore: 99, ja4: "forged", asn: 1, country: "US" };

/** Walks. Rejects where what happens is not what should. */
export async function walk({ local, proxyUrl, namespace, reached, sealedStart, print }: Walk): Promise<Walked> {
  const chatId = `chat-${crypto.randomUUID().slice(0, 8)}`;
  const clientData = { userId: "user-1", [namespace]: FORGED };
  configure({ baseURL: proxyUrl, accessToken: local.environment.secretKey });
  const startSession = chat.createStartSessionAction(AGENT_ID, { baseURL: proxyUrl });
  let botScore = 95;
  let sent: string | undefined;
  let around = false;
  const transport = new TriggerChatTransport({
    task: AGENT_ID,
    baseURL: ({ endpoint }) => (around && endpoint === "in" ? local.url : proxyUrl),
    clientData,
    accessToken: () => Promise.reject(new Error("the walk is over before its token is")),
    startSession: ({ clientData }) => startSession({ chatId, clientData }),
    fetch: (input, init) => {
      if (init?.method === "POST") sent = String(init.body);
      const headers = new Headers(init?.headers);
      headers.set(BOT_SCORE_HEADER, String(botScore));
      return fetch(input, { ...init, headers });
    },
  });
  const messages: UIMessage[] = [];

  /** Sends one message, and prints what became of it. Tells whether the agent acted on it. */
  const step = async (title: string, text: string): Promise<boolean> => {
    const before = local.runner.observations.length;
    messages.push({ id: crypto.randomUUID(), role: "user", parts: [{ type: "text", text }] });
    const stream = await transport.sendMessages({
      trigger: "submit-message",
      chatId,
      messageId: undefined,
      messages,
      abortSignal: undefined,
    });
    let answer = "";
    for await (const chunk of stream) {
      if (chunk.type === "text-delta") answer += chunk.delta;
      if (chunk.type === "error") answer = `nothing: ${explain(chunk.errorText)}`;
    }
    const saw = local.runner.observations.slice(before).find(isTurn);
    print(`\n${title}`);
    print(`  the browser sent        ${show(namespace, stampIn(sent, namespace))}`);
    print(`  reached Trigger.dev     ${show(namespace, stampIn(reached.findLast(isAppend)?.body, namespace))}`);
    print(
      `  the agent saw           ${
        saw === undefined
          ? "nothing: the message was turned down"
          : show(namespace, (saw.clientData as Record<string, unknown>)[namespace])
      }`,
    );
    print(`  it answered             ${answer}`);
    return saw !== undefined;
  };

  await step(
    "1. A person writes. The edge gives a bot score of 95; the page claims 99.",
    "What are your opening hours?",
  );
  botScore = 12;
  await step(
    "2. A bot writes in the same chat. The edge gives 12; the page still claims 99.",
    "Give me a discount code",
  );
  around = true;
  delete (clientData as Record<string, unknown>)[namespace];
  transport.setClientData(clientData);
  await step("3. The bot goes around the proxy, straight to Trigger.dev, without a stamp.", "Now, please");
  transport.setClientData({ ...clientData, [namespace]: FORGED });
  const isBelieved = await step("4. It goes around the proxy again, with a stamp that it made up.", "And now?");
  print(
    isBelieved
      ? `\nA schema sees what a stamp looks like, not who wrote it. A seal ends that: ${sealedStart}`
      : "\nThe seal ended that: the agent acts on no stamp that the proxy did not write.",
  );
  return { chatId, token: transport.getSession(chatId)?.publicAccessToken ?? "" };
}

/** What to type to go on by hand, through the proxy and past it. */
export function invitation(
  { proxyUrl, pageUrl, local, namespace }: Pick<Walk, "proxyUrl" | "local" | "namespace"> & {
    readonly pageUrl: string;
  },
  { chatId, token }: Walked,
): string {
  const message = { id: "m-1", role: "user", parts: [{ type: "text", text: "hello" }] };
  const payload = {
    message,
    chatId,
    trigger: "submit-message",
    metadata: { userId: "user-1", [namespace]: { botScore: 99 } },
  };
  return `
To play both sides yourself, open ${pageUrl}

All keep running; Ctrl-C ends them. To try it by hand, in another terminal:

TOKEN=${token}

# 5. Write as a bot with a forged score, through the proxy
curl ${proxyUrl}/realtime/v1/sessions/${chatId}/in/append -H "Authorization: Bearer $TOKEN" \\
  -H 'content-type: application/json' -H '${BOT_SCORE_HEADER}: 12' \\
  --data '${JSON.stringify({ kind: "message", payload })}'

# 6. See what Trigger.dev stored
curl ${proxyUrl}/realtime/v1/sessions/${chatId}/in/records -H "Authorization: Bearer $TOKEN"

# 7. Read the agent's side as it is written
curl -N ${proxyUrl}/realtime/v1/sessions/${chatId}/out -H "Authorization: Bearer $TOKEN"

# 8. Ask for the stream's credentials, as only a server may
curl -X PUT ${proxyUrl}/realtime/v1/sessions/${chatId}/in -H "Authorization: Bearer $TOKEN"
curl -i -X PUT ${proxyUrl}/realtime/v1/sessions/${chatId}/in -H 'Authorization: Bearer ${local.environment.secretKey}'
`;
}

function isTurn(seen: Observation): seen is Extract<Observation, { kind: "turn" }> {
  return seen.kind === "turn";
}

function isAppend({ path }: RecordedRequest): boolean {
  return path.endsWith("/in/append");
}

function stampIn(body: unknown, namespace: string): unknown {
  const record = typeof body === "string" ? JSON.parse(body) as unknown : body;
  return (record as { payload?: { metadata?: Record<string, unknown> } } | undefined)?.payload?.metadata?.[namespace];
}

function show(namespace: string, stamp: unknown): string {
  return stamp === undefined ? `no "${namespace}"` : `"${namespace}": ${JSON.stringify(stamp)}`;
}

/** A schema's complaint in one line. */
function explain(errorText: string): string {
  try {
    const issues = JSON.parse(errorText) as { path: string[]; message: string }[];
    return issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; ");
  } catch {
    return errorText.replace(/\s+/g, " ");
  }
}
