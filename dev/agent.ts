/**
 * The demo agent: a `chat.agent` as on Trigger.dev's page "Trusted edge signals". It requires the namespace in
 * `clientData`, refuses callers whose bot score is low, and has one tool that asks for approval.
 */

import { chat } from "@trigger.dev/sdk/ai";
import { type ModelMessage, stepCountIs, streamText, type Tool, tool } from "ai";
import { z } from "zod";
import { AGENT_ID } from "./agent_id.ts";
import type { EdgeSignals } from "./edge_signals.ts";
import { scriptedModel, type Turn } from "./model.ts";
import type { Observe } from "./observations.ts";

export { AGENT_ID };

/** Below this score the caller is likely a bot. */
const BOT_SCORE_LIMIT = 30;

export interface AgentOptions {
  readonly namespace: string;
  readonly observe: Observe;
}

export const signals: z.ZodType<EdgeSignals> = z.object({
  botScore: z.number(),
  ja4: z.string(),
  asn: z.number(),
  country: z.string(),
});

export const deleteFile: Tool<{ path: string }, { deleted: string }> = tool({
  description: "Deletes a file, when the user agrees",
  inputSchema: z.object({ path: z.string() }),
  needsApproval: true,
  execute: async ({ path }) => ({ deleted: path }),
});

/** What the model says: it declines a bot; else it repeats, and calls the tool for `delete <path>`. */
export function scriptFor(botScore: number): (text: string, toolResults: readonly string[]) => Turn {
  return botScore < BOT_SCORE_LIMIT ? () => ({ text: "I am sorry, I cannot help with that." }) : converse;
}

function converse(text: string, toolResults: readonly string[]): Turn {
  const path = /^delete (\S+)$/.exec(text)?.[1];
  if (path === undefined) return { text: `You said: ${text}` };
  if (toolResults.length === 0) return { tool: "deleteFile", input: { path } };
  return { text: `Done: ${toolResults.join(", ")}` };
}

function lastText(messages: readonly ModelMessage[]): string {
  const content = messages.findLast(({ role }) => role === "user")?.content ?? "";
  return typeof content === "string"
    ? content
    : content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

/** Registers the agent with the SDK's task catalog, which must be there before. */
export function createAgent({ namespace, observe }: AgentOptions): void {
  const score = (clientData: Record<string, unknown> | undefined) => signals.parse(clientData?.[namespace]).botScore;
  chat.withClientData({ schema: z.looseObject({ userId: z.string(), [namespace]: signals }) }).agent({
    id: AGENT_ID,
    idleTimeoutInSeconds: 20,
    tools: { deleteFile },
    actionSchema: z.object({ type: z.literal("undo") }),
    onBoot: async ({ chatId, runId, continuation, clientData }) => {
      observe({ kind: "boot", chatId, runId, continuation, clientData });
    },
    onAction: async ({ action, chatId, clientData }) => {
      observe({ kind: "action", chatId, action, clientData });
      chat.history.slice(0, -2);
    },
    onTurnComplete: async ({ chatId, runId, error }) => {
      observe({ kind: "turn-complete", runId, chatId, error: error === undefined ? undefined : String(error) });
    },
    run: async ({ messages, clientData, chatId, trigger, ctx, tools, signal }) => {
      observe({ kind: "turn", runId: ctx.run.id, chatId, trigger, clientData });
      // A run that hands over: the next message is answered by another.
      if (lastText(messages) === "hand over") chat.requestUpgrade();
      return streamText({
        model: scriptedModel({ script: scriptFor(score(clientData)) }),
        messages,
        tools,
        abortSignal: signal,
        stopWhen: stepCountIs(5),
      });
    },
  });
}
