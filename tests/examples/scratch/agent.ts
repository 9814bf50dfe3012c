/** Somebody's agent, as in an app: another module is imported without its extension, as bundlers let it be. */

import { chat } from "@trigger.dev/sdk/ai";
import { streamText } from "ai";
import { MockLanguageModelV4, simulateReadableStream } from "ai/test";
import { z } from "zod";
// @ts-expect-error -- Node would not find it: a bundler does
import { greeting } from "./greeting";

const clientData = z.object({ plan: z.string(), __edge: z.object({ country: z.string() }) });

export const greeter = chat.withClientData({ schema: clientData }).agent({
  id: "greeter",
  run: ({ messages, clientData, signal }) => {
    const text = greeting(clientData?.plan, clientData?.__edge.country);
    const usage = { inputTokens: { total: 0 }, outputTokens: { total: 0 } };
    const chunks = [
      { type: "text-start", id: "1" },
      { type: "text-delta", id: "1", delta: text },
      { type: "text-end", id: "1" },
      { type: "finish", finishReason: { unified: "stop", raw: undefined }, usage },
    ];
    const model = new MockLanguageModelV4({
      doStream: () => Promise.resolve({ stream: simulateReadableStream({ chunks }) } as never),
    });
    return Promise.resolve(streamText({ model, messages, abortSignal: signal }));
  },
});
