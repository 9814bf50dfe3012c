/** Every call that the SDK's clients make, each with a name, for writing down what they send. */

import { auth, sessions } from "@trigger.dev/sdk";
import { chat } from "@trigger.dev/sdk/ai";
import { chat as chatServer } from "@trigger.dev/sdk/chat-server";
import { AgentChat, TriggerChatTransport } from "@trigger.dev/sdk/chat";
import { streamText, type UIMessage, type UIMessageChunk } from "ai";
import { AGENT_ID } from "../../dev/agent.ts";
import { scriptedModel } from "../../dev/model.ts";
// A head start writes to the stream store from the app's own server.
import "../../dev/plain_store.ts";
import type { Local } from "../../dev/serve.ts";
import { readTurn } from "./clients.ts";

/** A named call. The requests that it causes are what is written down. */
export type Capture = readonly [name: string, call: () => Promise<unknown>];

const clientData = { userId: "user-1", __cf: { botScore: 88, ja4: "t13d1516h2", asn: 64500, country: "NL" } };
const user = (id: string, text: string): UIMessage => ({ id, role: "user", parts: [{ type: "text", text }] });

/** The browser: what `useChat` asks of the transport, in an order that makes sense. */
export function browserCaptures({ url, runner }: Local): Capture[] {
  const chatId = "chat-browser";
  const startSession = chat.createStartSessionAction(AGENT_ID, { baseURL: url, tokenTTL: "1h" });
  const transport = new TriggerChatTransport({
    task: AGENT_ID,
    baseURL: url,
    accessToken: () => Promise.reject(new Error("no other token")),
    startSession: () => startSession({ chatId, clientData }),
    clientData,
    headers: { "X-App": "demo" },
  });
  const send = (messages: UIMessage[], options: object = {}) =>
    transport.sendMessages({
      trigger: "submit-message",
      chatId,
      messageId: undefined,
      messages,
      abortSignal: undefined,
      ...options,
    });
  const drain = async (stream: Promise<ReadableStream<UIMessageChunk> | null>) =>
    readTurn((await stream) ?? new ReadableStream());
  const approval = async () => {
    const asked = await drain(send([user("m-4", "delete notes.txt")]));
    return approvedMessage(asked.chunks);
  };
  let approved: UIMessage;
  return [
    ["transport.preload, through a server action with baseURL and tokenTTL", () => transport.preload(chatId)],
    ["transport.sendMessages: submit-message", () => drain(send([user("m-1", "hello")]))],
    [
      "transport.sendMessages: with body and metadata",
      () => drain(send([user("m-2", "hello")], { body: { trace: "t-1", chatId: "other" }, metadata: { page: "/" } })),
    ],
    [
      "transport.sendMessages: regenerate-message",
      () => drain(send([user("m-2", "hello")], { trigger: "regenerate-message", messageId: "m-2-answer" })),
    ],
    [
      "transport.sendMessages: body.action, as useChatActions sends it",
      () => drain(send([user("m-2", "hello")], { body: { action: { type: "undo" } } })),
    ],
    ["transport.sendAction", () => drain(transport.sendAction(chatId, { type: "undo" }))],
    ["transport.sendPendingMessage", async () => {
      const turn = await send([user("m-3", "a b c d e f g h i j k l m n o p")]);
      await transport.sendPendingMessage(chatId, user("m-3-steer", "faster"));
      await readTurn(turn);
    }],
    ["transport.stopGeneration", () => transport.stopGeneration(chatId)],
    ["transport.sendMessages: a question that the tool answers with a request for approval", async () => {
      transport.clearSupersedeGate(chatId);
      approved = await approval();
    }],
    ["transport.sendMessages: tool approval", () => drain(send([user("m-4", "delete notes.txt"), approved]))],
    ["transport.sendMessages: after the run has died", async () => {
      const { runId } = await runner.seen("turn", (turn) => turn.chatId === chatId);
      await runner.kill(runId);
      await drain(send([user("m-5", "still there?")]));
    }],
    ["transport.reconnectToStream", async () => {
      const session = transport.getSession(chatId);
      if (session !== undefined) transport.setSession(chatId, { ...session, isStreaming: true });
      await drain(transport.reconnectToStream({ chatId }));
    }],
  ];
}

/** What `useChat` makes of an assistant message when the user agrees. */
function approvedMessage(chunks: readonly UIMessageChunk[]): UIMessage {
  const start = chunks.find((chunk) => chunk.type === "start");
  const call = chunks.find((chunk) => chunk.type === "tool-input-available");
  const request = chunks.find((chunk) => chunk.type === "tool-approval-request");
  if (start === undefined || call === undefined || request === undefined) {
    throw new Error("the agent asked for no approval");
  }
  const approval = { id: request.approvalId, approved: true };
  const { toolCallId, input } = call;
  return {
    id: start.messageId ?? "",
    role: "assistant",
    parts: [{ type: "tool-deleteFile", toolCallId, state: "approval-responded", input, approval }],
  };
}

/** The app's server: sessions, and chats that it holds itself. */
export function serverCaptures({ url }: Local): Capture[] {
  const chatId = "chat-server";
  const agentChat = new AgentChat({ agent: AGENT_ID, id: "chat-agentchat", clientData, baseURL: url });
  const plainAction = chat.createStartSessionAction(AGENT_ID);
  const ttlAction = chat.createStartSessionAction(AGENT_ID, { tokenTTL: "15m" });
  const payload = { message: user("m-1", "hello"), chatId, trigger: "submit-message", metadata: clientData };
  return [
    ["chat.createStartSessionAction", () => plainAction({ chatId: "chat-plain", clientData })],
    ["chat.createStartSessionAction, with tokenTTL", () => ttlAction({ chatId: "chat-ttl", clientData })],
    ["sessions.start", () =>
      sessions.start({
        type: "chat.agent",
        externalId: chatId,
        taskIdentifier: AGENT_ID,
        triggerConfig: { basePayload: { chatId, trigger: "preload", metadata: clientData }, tags: ["a"] },
        tags: ["b"],
        metadata: { plan: "free" },
      })],
    ["sessions.open: in.send", () => sessions.open(chatId).in.send({ kind: "message", payload })],
    ["sessions.open: out.read", async () => {
      const abort = new AbortController();
      const chunks = await sessions.open(chatId).out.read({
        signal: abort.signal,
        timeoutInSeconds: 30,
        onControl: () => abort.abort(),
      });
      for await (const _ of chunks);
    }],
    ["sessions.open: channel.in.send", () => sessions.open(chatId).channel("notes").in.send({ note: "hello" })],
    ["sessions.retrieve", () => sessions.retrieve(chatId)],
    ["sessions.list", () => sessions.list({ externalId: chatId, limit: 5 })],
    ["sessions.update", () => sessions.update(chatId, { tags: ["c"], metadata: { plan: "pro" } })],
    ["sessions.close", () => sessions.close(chatId, { reason: "done" })],
    ["AgentChat.preload", () => agentChat.preload()],
    ["AgentChat.sendMessage", async () => (await agentChat.sendMessage("hello")).result()],
    ["AgentChat.steer", () => agentChat.steer("faster")],
    ["AgentChat.sendAction", async () => (await agentChat.sendAction({ type: "undo" })).result()],
    ["AgentChat.reconnect", async () => readTurn((await agentChat.reconnect()) ?? new ReadableStream())],
    ["AgentChat.stop", () => agentChat.stop()],
    ["AgentChat.close", () => agentChat.close()],
    ["chat.headStart: the app's own route answers the first turn", headStart],
  ];
}

/** What hooks for side channels send from a page: the SDK's API client, with the session's public token. */
export function pageCaptures({ url }: Local): Capture[] {
  const chatId = "chat-page";
  const asPage = async (call: () => Promise<unknown>) => {
    const { publicAccessToken } = await chat.createStartSessionAction(AGENT_ID, { baseURL: url })({
      chatId,
      clientData,
    });
    await auth.withAuth({ baseURL: url, accessToken: publicAccessToken }, call);
  };
  const session = sessions.open(chatId);
  return [
    ["with a public token: channel.in.send", () => asPage(() => session.channel("notes").in.send({ note: "hello" }))],
    ["with a public token: channel.out.read", () =>
      asPage(async () => {
        const chunks = await session.channel("notes").out.read({
          timeoutInSeconds: 30,
          signal: AbortSignal.timeout(200),
        });
        for await (const _ of chunks);
      })],
    ["with a public token: in.send", () => asPage(() => session.in.send({ kind: "stop" }))],
    ["with a public token: retrieve", () => asPage(() => sessions.retrieve(chatId))],
  ];
}

/** The browser's first message goes to the app's own route, which creates the session and hands over. */
async function headStart(): Promise<void> {
  const route = chatServer.headStart({
    agentId: AGENT_ID,
    run: async ({ chat: helper }) =>
      streamText({
        ...helper.toStreamTextOptions(),
        model: scriptedModel({ script: (text) => ({ text: `Warm: ${text}` }) }),
      }),
  });
  const transport = new TriggerChatTransport({
    task: AGENT_ID,
    accessToken: () => Promise.reject(new Error("no other token")),
    headStart: "https://app.example/api/chat",
    clientData,
  });
  const realFetch = globalThis.fetch;
  // The one request that goes to the app's route, and not to Trigger.dev.
  globalThis.fetch = (
    input,
    init,
  ) => (String(input).startsWith("https://app.example/") ? route(new Request(input, init)) : realFetch(input, init));
  try {
    const messages = [user("m-1", "hello")];
    const stream = await transport.sendMessages({
      trigger: "submit-message",
      chatId: "chat-head",
      messageId: undefined,
      messages,
      abortSignal: undefined,
    });
    await readTurn(stream);
  } finally {
    globalThis.fetch = realFetch;
  }
}
