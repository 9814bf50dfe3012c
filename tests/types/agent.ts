/** What an agent's hooks and its browsers see of the types, through the real SDK's builder. Checked by `tsc`, not run. */
import type { InferChatClientData } from "@trigger.dev/sdk/chat";
import { chat } from "@trigger.dev/sdk/ai";
import type { UIMessage } from "ai";
import { type } from "arktype";
import * as v from "valibot";
import { z } from "zod";
import { edgeAgent, type Signals, type StandardSchema } from "../../src/agent.ts";

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
/** Compiles for the argument that the comparison gives, and for no other. */
function same<A, B>(_same: Equals<A, B>): void {}

const keys = "";

export function withZod(): void {
  const edge = edgeAgent({
    chat,
    keys,
    signals: z.object({ botScore: z.number().nullable() }),
    clientData: z.object({ userId: z.string(), since: z.string().transform((text) => new Date(text)) }),
  });
  type Data = { userId: string; since: Date } & { readonly __edge: { botScore: number | null } };

  const agent = edge.guard(chat.withClientData({ schema: edge.schema })).agent({
    id: "my-agent",
    tools: {},
    actionSchema: z.object({ type: z.literal("undo"), steps: z.string().transform(Number) }),
    onBoot: ({ clientData, continuation }) => {
      same<NonNullable<typeof clientData>, Data>(true);
      same<typeof continuation, boolean>(true);
    },
    onAction: ({ action, clientData }) => {
      same<typeof action, { type: "undo"; steps: number }>(true);
      same<NonNullable<typeof clientData>, Data>(true);
    },
    onTurnStart: ({ clientData, uiMessages }) => {
      same<NonNullable<typeof clientData>, Data>(true);
      uiMessages satisfies UIMessage[];
      // @ts-expect-error: no such signal
      void clientData!.__edge.ja4;
    },
    run: async ({ clientData, messages, signal }) => {
      same<NonNullable<typeof clientData>, Data>(true);
      same<typeof signal, AbortSignal>(true);
      void messages;
    },
  });
  same<typeof agent.id, "my-agent">(true);
  // What a browser sends is the schema's input, and has no namespace to fill in.
  same<InferChatClientData<typeof agent>, { userId: string; since: string }>(true);

  edge.guard(chat.withClientData({ schema: edge.schema })).agent({
    id: "other",
    // @ts-expect-error: a hook's mistakes are found
    onTurnStart: ({ clientData }) => void clientData!.__cf,
    run: async () => {},
  });
}

export function withValibot(): void {
  const edge = edgeAgent({
    chat,
    keys,
    namespace: "__cf",
    signals: v.object({ country: v.string() }),
    clientData: v.object({ userId: v.string() }),
  });
  type Data = { userId: string } & { readonly __cf: { country: string } };
  edge.guard(chat.withClientData({ schema: edge.schema })).agent({
    id: "my-agent",
    hydrateMessages: ({ clientData }) => {
      same<NonNullable<typeof clientData>, Data>(true);
      return [];
    },
    run: async ({ clientData }) => same<NonNullable<typeof clientData>, Data>(true),
  });
  same<ReturnType<typeof edge.schema>, Promise<Data>>(true);
}

export function withArktype(): void {
  const edge = edgeAgent({
    chat,
    keys,
    signals: type({ "botScore": "number | null", "asn": "number = 0" }),
    clientData: type({ userId: "string", since: "string.date.parse", "plan?": "'free' | 'paid'" }),
  });
  type Data = { userId: string; since: Date; plan?: "free" | "paid" } & {
    readonly __edge: { botScore: number | null; asn: number };
  };
  const agent = edge.guard(chat.withClientData({ schema: edge.schema })).agent({
    id: "my-agent",
    onTurnStart: ({ clientData }) => {
      same<NonNullable<typeof clientData>, Data>(true);
      // @ts-expect-error: no such signal
      void clientData!.__edge.country;
    },
    run: async ({ clientData }) => same<NonNullable<typeof clientData>, Data>(true),
  });
  same<InferChatClientData<typeof agent>, { userId: string; since: string; plan?: "free" | "paid" }>(true);
}

/** Any library that follows Standard Schema. */
export function withAnother(signals: StandardSchema<{ asn: string }, { asn: number }>): void {
  const edge = edgeAgent({ chat, keys, signals });
  same<Awaited<ReturnType<typeof edge.schema>>["__edge"], { asn: number }>(true);
}

export async function withNone(): Promise<void> {
  const edge = edgeAgent({ chat, keys });
  const data = await edge.schema(undefined);
  same<typeof data.__edge, Signals | null>(true);
  same<typeof data["userId"], unknown>(true);
  // @ts-expect-error: keys are needed
  edgeAgent({ chat });
  // @ts-expect-error: no such option
  edgeAgent({ chat, keys, key: "" });
}
