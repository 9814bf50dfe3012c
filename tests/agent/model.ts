/** A language model without a network: it repeats what was said last, or asks for a tool. */
import type { LanguageModelV4, LanguageModelV4CallOptions, LanguageModelV4StreamPart } from "@ai-sdk/provider";

const USAGE = {
  inputTokens: { total: 0, noCache: 0, cacheRead: undefined, cacheWrite: undefined },
  outputTokens: { total: 0, text: 0, reasoning: undefined },
};

/** Everything that a model was asked with, as JSON: what reached it, reached it here. */
export interface EchoModel extends LanguageModelV4 {
  readonly prompts: string[];
}

/** `until` holds an answer back, which keeps its turn long. */
export function echoModel(until: () => Promise<void> = async () => {}): EchoModel {
  const prompts: string[] = [];
  return {
    prompts,
    specificationVersion: "v4",
    provider: "test",
    modelId: "echo",
    supportedUrls: {},
    doGenerate: () => Promise.reject(new Error("the model only streams")),
    async doStream({ prompt }) {
      prompts.push(JSON.stringify(prompt));
      await until();
      const parts = answer(prompt);
      return {
        stream: new ReadableStream({
          async pull(controller) {
            const { done, value } = await parts.next();
            if (done) controller.close();
            else controller.enqueue(value);
          },
        }),
      };
    },
  };
}

async function* answer(prompt: LanguageModelV4CallOptions["prompt"]): AsyncGenerator<LanguageModelV4StreamPart> {
  const last = prompt.at(-1);
  const text = last?.role === "user"
    ? last.content.map((part) => part.type === "text" ? part.text : "").join("")
    : "done";
  yield { type: "stream-start", warnings: [] };
  if (text.startsWith("delete ")) {
    const input = JSON.stringify({ path: text.slice("delete ".length) });
    yield { type: "tool-call", toolCallId: `call-${prompt.length}`, toolName: "deleteFile", input };
    yield { type: "finish", finishReason: { unified: "tool-calls", raw: undefined }, usage: USAGE };
    return;
  }
  yield { type: "text-start", id: "t" };
  yield { type: "text-delta", id: "t", delta: `echo ${text}` };
  yield { type: "text-end", id: "t" };
  yield { type: "finish", finishReason: { unified: "stop", raw: undefined }, usage: USAGE };
}
