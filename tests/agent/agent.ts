/** The agent of the tests: the real `chat.agent` in the SDK's in-memory runtime, guarded. */
import { mockChatAgent } from "@trigger.dev/sdk/ai/test";
import { __setReplaySessionInTailImplForTests, chat } from "@trigger.dev/sdk/ai";
import { resourceCatalog, SessionChannelRouter } from "@trigger.dev/core/v3";
import { TestSessionStreamManager } from "@trigger.dev/core/v3/test";
import { stepCountIs, streamText, tool, type UIMessage } from "ai";
import { z } from "zod";
import { edgeAgent, type EdgeAgentOptions, type Refused } from "../../src/agent.ts";
import type { Edge, Payload } from "./edge.ts";
import { echoModel } from "./model.ts";

const signals = z.object({ botScore: z.number(), ja4: z.string(), country: z.string() });
const clientData = z.object({ userId: z.string() });
type Settings = Partial<EdgeAgentOptions<{ userId: string }, { userId: string }, z.infer<typeof signals>, "__edge">>;

let count = 0;

export type TestAgent = ReturnType<typeof makeAgent>;

/** Makes and registers an agent. What its own code was called with is in `seen`. */
export function makeAgent(
  edge: Edge,
  settings: Settings & Pick<EdgeAgentOptions<object, object, unknown, string>, "keys">,
  more: object = {},
) {
  const seen: { hook: string; chatId: string; clientData: unknown; text?: string; action?: unknown }[] = [];
  const refused: Refused[] = [];
  const gate = { until: async (): Promise<void> => {} };
  const model = echoModel(() => gate.until());
  const guarded = edgeAgent({
    chat,
    signals,
    clientData,
    now: () => edge.clock.ms,
    onRefused: (one) => refused.push(one),
    ...settings,
  });
  const note = (hook: string, { chatId, clientData }: { chatId: string; clientData?: unknown }, rest: object = {}) => {
    seen.push({ hook, chatId, clientData, ...rest });
  };
  const agent = guarded.guard(chat.withClientData({ schema: guarded.schema })).agent({
    id: `agent-${++count}`,
    idleTimeoutInSeconds: 1,
    tools: (event) => {
      note("tools", event);
      return {
        deleteFile: tool({
          inputSchema: z.object({ path: z.string() }),
          needsApproval: true,
          execute: async ({ path }) => `deleted ${path}`,
        }),
      };
    },
    actionSchema: z.object({ type: z.enum(["undo", "pay"]), amount: z.string().transform(Number).default(1) }),
    onBoot: async (event) => note("onBoot", event),
    onPreload: async (event) => note("onPreload", event),
    onChatStart: async (event) => note("onChatStart", event),
    onTurnStart: async (event) => note("onTurnStart", event),
    onTurnComplete: async (event) => note("onTurnComplete", event),
    onAction: async (event) => {
      note("onAction", event, { action: event.action });
      if (event.action.type === "undo") chat.history.slice(0, -2);
    },
    run: async (event) => {
      note("run", event, { text: textOf(chat.history.all().at(-1)) });
      return streamText({
        model,
        messages: event.messages,
        tools: event.tools,
        abortSignal: event.signal,
        stopWhen: stepCountIs(3),
      });
    },
    ...more,
  });
  return {
    agent,
    seen,
    refused,
    model,
    gate,
    ran: () => seen.filter(({ hook }) => hook === "run").map(({ text }) => text),
  };
}

function textOf(message: UIMessage | undefined): string {
  return message?.parts.map((part) => part.type === "text" ? part.text : part.type).join("") ?? "";
}

/** How often a run waits for what comes next: then all that went before is over, hooks included. */
let waits = 0;
const { next } = SessionChannelRouter.prototype;
SessionChannelRouter.prototype.next = async function (route, options) {
  const isWait = options?.timeoutMs !== 0;
  if (isWait) waits++;
  try {
    return await next.call(this, route, options);
  } finally {
    if (isWait) waits--;
  }
};

/** Waits until the run under way has nothing left to do, or has ended. */
async function settled(): Promise<void> {
  for (const end = Date.now() + 2_000; waits === 0 && Date.now() < end;) {
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** What came of one turn. */
export interface Outcome {
  readonly errors: string[];
  readonly text: string;
}

export interface RunOptions {
  readonly boot: Payload;
  readonly continuation?: boolean;
  readonly snapshot?: unknown;
  /** The last sequence number of `.in` before this run. */
  readonly afterSeq?: number;
  /** What an earlier run left behind when it died: messages that it did not answer, and half an answer. */
  readonly tail?: readonly Payload[];
  readonly partial?: UIMessage;
}

/** Boots a run of an agent, as the platform does, with the payload that its session was created with. */
export async function startRun({ agent }: TestAgent, options: RunOptions) {
  const { boot, continuation = false, snapshot, tail = [], partial } = options;
  const manager = new TestSessionStreamManager();
  // The harness has no way to boot a run with a message, which a session may be created with.
  const { fns } = resourceCatalog.getTask(agent.id)!;
  const { run } = fns;
  fns.run = (payload: object, ...rest) => run({ ...payload, ...(continuation ? {} : boot) }, ...rest);
  const harness = mockChatAgent(agent, {
    chatId: boot.chatId,
    clientData: boot.metadata,
    mode: continuation ? "continuation" : boot.trigger as "preload",
    ...(snapshot !== undefined && { snapshot: snapshot as never }),
    taskContext: { sessionStreamManager: manager },
    setupLocals: async () => {
      await null;
      harness.seedSessionOutPartial(partial);
      // The harness's own seeding would give every message the creation's metadata.
      __setReplaySessionInTailImplForTests(async () =>
        tail.map(({ message, metadata }, at) => ({ message: message!, metadata, seqNum: at + 1 }))
      );
    },
  });
  fns.run = run;
  let seq = options.afterSeq ?? tail.length;
  const completed = () =>
    harness.allRawChunks.filter((chunk) => (chunk as { type?: string }).type === "trigger:turn-complete").length;
  const deliver = (payload: object): Promise<void> =>
    manager.__sendFromTest(boot.chatId, "in", JSON.parse(JSON.stringify({ kind: "message", payload })), {
      seqNum: ++seq,
    });
  const complete = async (turns: number, withinMs = 30_000): Promise<void> => {
    for (const end = Date.now() + withinMs; completed() < turns;) {
      if (Date.now() > end) throw new Error(`only ${completed()} of ${turns} turns were completed`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    // The turn's last hooks run after its last chunk.
    await settled();
  };
  await settled();
  return {
    harness,
    deliver,
    complete,
    completed,
    seq: () => seq,
    /** Delivers a record, and waits until its turn is over. */
    async send(payload: object): Promise<Outcome> {
      const before = harness.allRawChunks.length;
      const turns = completed();
      await deliver(payload);
      await complete(turns + 1);
      const chunks = harness.allRawChunks.slice(before) as { type: string; errorText?: string; delta?: string }[];
      return {
        errors: chunks.filter(({ type }) => type === "error").map(({ errorText }) => errorText!),
        text: chunks.map(({ delta = "" }) => delta).join(""),
      };
    },
    close: () => harness.close(),
  };
}
