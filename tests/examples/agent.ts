/** The agent behind the examples, without a model's provider: it requires what their proxies stamp, and repeats what it is told. */

import { chat } from "@trigger.dev/sdk/ai";
import { streamText } from "ai";
import { z } from "zod";
import { scriptedModel } from "../../dev/model.ts";
import type { Register } from "../../dev/orders.ts";

export const register: Register = ({ observe }) => {
  chat.withClientData({ schema: z.object({ userId: z.string(), __edge: z.object({ ip: z.string() }) }) }).agent({
    id: "my-agent",
    run: async ({ messages, clientData, chatId, trigger, ctx, signal }) => {
      observe({ kind: "turn", runId: ctx.run.id, chatId, trigger, clientData });
      return streamText({
        model: scriptedModel({ script: (text) => ({ text: `You said: ${text}` }) }),
        messages,
        abortSignal: signal,
      });
    },
  });
};
