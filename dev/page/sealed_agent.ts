/**
 * The demo agent where the proxy seals: it acts on nothing whose stamp does not prove that the proxy wrote it, for this
 * chat and this message. Otherwise as `../agent.ts`. A module of tasks, with the agent's keys as `?keys=` of its URL.
 */

import { chat } from "@trigger.dev/sdk/ai";
import { stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { edgeAgent } from "../../src/agent.ts";
import { AGENT_ID } from "../agent.ts";
import { scriptedModel, type Turn } from "../model.ts";
import type { Register } from "../run_worker.ts";
import "../tasks.ts";

const BOT_SCORE_LIMIT = 30;

const signals = z.object({ botScore: z.number(), ja4: z.string(), asn: z.number(), country: z.string() });

const deleteFile = tool({
  description: "Deletes a file, when the user agrees",
  inputSchema: z.object({ path: z.string() }),
  needsApproval: true,
  execute: async ({ path }) => ({ deleted: path }),
});

function converse(text: string, toolResults: readonly string[]): Turn {
  const path = /^delete (\S+)$/.exec(text)?.[1];
  if (path === undefined) return { text: `You said: ${text}` };
  if (toolResults.length === 0) return { tool: "deleteFile", input: { path } };
  return { text: `Done: ${toolResults.join(", ")}` };
}

export const register: Register = ({ namespace, observe }) => {
  const edge = edgeAgent({
    chat,
    namespace,
    keys: new URL(import.meta.url).searchParams.get("keys") ?? "",
    signals,
    clientData: z.object({ userId: z.string() }),
    // The chat's user reads a sentence; why, is for whoever runs the agent.
    onRefused: ({ chatId, refusal }) => {
      observe({
        kind: "turn-complete",
        runId: "",
        chatId,
        error: `StampRefusal (${refusal.reason}): ${refusal.message}`,
      });
    },
  });
  const botScore = (clientData: unknown): number =>
    signals.parse((clientData as Record<string, unknown>)[namespace]).botScore;
  edge.guard(chat.withClientData({ schema: edge.schema })).agent({
    id: AGENT_ID,
    idleTimeoutInSeconds: 20,
    tools: { deleteFile },
    onBoot: async ({ chatId, runId, continuation, clientData }) => {
      observe({ kind: "boot", chatId, runId, continuation, clientData });
    },
    onTurnComplete: async ({ chatId, runId, error }) => {
      observe({ kind: "turn-complete", runId, chatId, error: error === undefined ? undefined : String(error) });
    },
    run: async ({ messages, clientData, chatId, trigger, ctx, tools, signal }) => {
      observe({ kind: "turn", runId: ctx.run.id, chatId, trigger, clientData });
      const isBot = botScore(clientData) < BOT_SCORE_LIMIT;
      const script = isBot ? () => ({ text: "I am sorry, I cannot help with that." }) : converse;
      return streamText({
        model: scriptedModel({ script }),
        messages,
        tools,
        abortSignal: signal,
        stopWhen: stepCountIs(5),
      });
    },
  });
};
