/**
 * The demo agent where the proxy seals: it acts on nothing whose stamp does not prove that the proxy wrote it, for this
 * chat and this message. Otherwise as `../agent.ts`. A module of tasks;
 * the agent's keys are in its environment.
 */

import { chat } from "@trigger.dev/sdk/ai";
import { stepCountIs, streamText } from "ai";
import { z } from "zod";
import { edgeAgent } from "../../src/agent.ts";
import { AGENT_ID, deleteFile, scriptFor, signals } from "../agent.ts";
import { scriptedModel } from "../model.ts";
import type { Register } from "../orders.ts";
import "../tasks.ts";

const { EDGE_SEAL_PUBLIC_KEYS, EDGE_SEAL_SECRET_KEYS } = process.env;

export const register: Register = ({ namespace, observe }) => {
  const edge = edgeAgent({
    chat,
    namespace,
    keys: EDGE_SEAL_PUBLIC_KEYS ?? EDGE_SEAL_SECRET_KEYS ?? "",
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
      return streamText({
        model: scriptedModel({ script: scriptFor(botScore(clientData)) }),
        messages,
        tools,
        abortSignal: signal,
        stopWhen: stepCountIs(5),
      });
    },
  });
};
