import { chat } from "@trigger.dev/sdk/ai";
import { stepCountIs, streamText } from "ai";
import { edgeAgent } from "edgestamp/agent";
import { z } from "zod";

/** Both halves of a seal's checks: what did not come through the proxy, the agent does not act on. */
const edge = edgeAgent({
  chat,
  keys: process.env.EDGE_SEAL_PUBLIC_KEYS ?? "",
  signals: z.object({ ip: z.string().nullish() }),
  clientData: z.object({ userId: z.string() }),
  onRefused: ({ chatId, refusal }) => console.warn("refused", { chatId, reason: refusal.reason }),
});

/** What the edge says of the caller decides what the agent does for him. Here: how long it thinks. */
const stepsFor = (ip: string | null | undefined): number => (ip ? 10 : 1);

export const myAgent = edge.guard(chat.withClientData({ schema: edge.schema })).agent({
  id: "my-agent",
  run: async ({ messages, clientData, signal }) =>
    streamText({
      model: process.env.MODEL ?? "anthropic/claude-haiku-4.5",
      messages,
      abortSignal: signal,
      stopWhen: stepCountIs(stepsFor(clientData?.__edge.ip)),
    }),
});
