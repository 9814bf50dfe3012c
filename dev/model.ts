/** A language model without a network: it answers by rule, word by word, so that streams have something to stream. */

import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";

/** What the model says next: text, or a call of a tool. */
export type Turn = { readonly text: string } | { readonly tool: string; readonly input: Record<string, unknown> };

export interface ScriptedModelOptions {
  /** Decides from the last user text, and from the results of tools since. */
  readonly script: (userText: string, toolResults: readonly string[]) => Turn;
  readonly wordDelayMs?: number;
}

const USAGE = {
  inputTokens: { total: 0, noCache: 0, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 0, text: 0, reasoning: undefined },
};

export function scriptedModel({ script, wordDelayMs = 15 }: ScriptedModelOptions): LanguageModelV4 {
  return {
    specificationVersion: "v4",
    provider: "local",
    modelId: "scripted",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("the scripted model only streams")),
    async doStream(options) {
      const turn = script(...readPrompt(options.prompt));
      return { stream: toStream(speak(turn, wordDelayMs, options.abortSignal)) };
    },
  };
}

function toStream(parts: AsyncGenerator<LanguageModelV4StreamPart>): ReadableStream<LanguageModelV4StreamPart> {
  return new ReadableStream({
    async pull(controller) {
      const next = await parts.next();
      if (next.done === true) controller.close();
      else controller.enqueue(next.value);
    },
  });
}

async function* speak(turn: Turn, delayMs: number, signal?: AbortSignal): AsyncGenerator<LanguageModelV4StreamPart> {
  yield { type: "stream-start", warnings: [] };
  if ("tool" in turn) {
    const toolCallId = `call_${crypto.randomUUID().slice(0, 8)}`;
    yield { type: "tool-call", toolCallId, toolName: turn.tool, input: JSON.stringify(turn.input) };
    yield { type: "finish", finishReason: { unified: "tool-calls", raw: undefined }, usage: USAGE };
    return;
  }
  yield { type: "text-start", id: "text" };
  for (const word of turn.text.split(/(?<= )/)) {
    await new Promise((resolve) => setTimeout(resolve, delayMs));
    signal?.throwIfAborted();
    yield { type: "text-delta", id: "text", delta: word };
  }
  yield { type: "text-end", id: "text" };
  yield { type: "finish", finishReason: { unified: "stop", raw: undefined }, usage: USAGE };
}

/** The last user message's text, and what tools have answered since. */
function readPrompt(prompt: LanguageModelV4CallOptions["prompt"]): [string, string[]] {
  const asked = prompt.findLastIndex((message) => message.role === "user");
  const question = prompt[asked];
  const text = question?.role === "user"
    ? question.content.map((part) => (part.type === "text" ? part.text : "")).join("")
    : "";
  const results = prompt.slice(asked + 1).flatMap((message) => {
    if (message.role !== "tool") return [];
    return message.content.flatMap((part) => (part.type === "tool-result" ? [JSON.stringify(part.output)] : []));
  });
  return [text, results];
}
