/** What `TriggerChatTransport` and `useChat` must be able to do, whatever stands between them and the upstream. */

import assert from "node:assert/strict";
import type { UIMessage } from "ai";
import { readTurn, type Turn } from "./clients.ts";
import { lastText, openUseChat, untilIdle } from "./use_chat.ts";
import { type ClientTests, openPage, seen, signalsOf, told, words, type World } from "./world.ts";

/** The agent saw the right signals on each of the chat's turns. */
function assertTold({ target, expected }: World, chatId: string, turns: number): void {
  assert.deepEqual(told(target.local.runner, chatId), Array(turns).fill(expected()));
}

async function twoTurns(world: World, baseURL: "string" | "function"): Promise<void> {
  const page = openPage(world, { baseURL });
  assert.equal((await page.say("hello there")).text, "You said: hello there");
  assert.equal((await page.say("and again")).text, "You said: and again");
  assertTold(world, page.chatId, 2);
}

/** What `useChat` makes of the answer when the user agrees to the tool. */
function approve({ chunks }: Turn): UIMessage {
  const start = chunks.find((chunk) => chunk.type === "start");
  const call = chunks.find((chunk) => chunk.type === "tool-input-available");
  const request = chunks.find((chunk) => chunk.type === "tool-approval-request");
  assert.ok(start !== undefined && call !== undefined && request !== undefined);
  const { toolCallId, input } = call;
  const approval = { id: request.approvalId, approved: true };
  const parts: UIMessage["parts"] = [{
    type: "tool-deleteFile",
    toolCallId,
    state: "approval-responded",
    input,
    approval,
  }];
  return { id: start.messageId ?? "", role: "assistant", parts };
}

export const TRANSPORT_TESTS: ClientTests = {
  "holds two turns, with baseURL as a string": (world) => twoTurns(world, "string"),
  "holds two turns, with baseURL as a function": (world) => twoTurns(world, "function"),

  "streams words as they are said": async (world) => {
    const page = openPage(world);
    await page.transport.preload(page.chatId);
    const arrived: number[] = [];
    for await (const chunk of await page.open(words(40))) {
      if (chunk.type === "text-delta") arrived.push(performance.now());
    }
    const [first = 0] = arrived;
    const last = arrived.at(-1) ?? 0;
    // The model takes 15 ms for each of the words; a reply that was held back anywhere would arrive at once.
    assert.ok(last - first > 200, `all words within ${last - first} ms`);
  },

  "preloads, and merges a turn's own metadata": async (world) => {
    const page = openPage(world);
    await page.transport.preload(page.chatId);
    assert.deepEqual(signalsOf((await seen(world, "boot", page.chatId)).clientData), world.expected());
    const turn = await page.say("hi", { metadata: { page: "/pricing" }, body: { trace: "t-1" } });
    assert.deepEqual(turn.errors, []);
    const { clientData } = await seen(world, "turn", page.chatId);
    assert.deepEqual(clientData, { userId: "user-1", page: "/pricing", __cf: world.expected() });
  },

  "regenerates an answer": async (world) => {
    const page = openPage(world);
    await page.say("one more time");
    assert.equal((await page.send("regenerate-message")).text, "You said: one more time");
    assertTold(world, page.chatId, 2);
  },

  "stops a turn, and goes on with the next": async (world) => {
    const page = openPage(world);
    const long = readTurn(await page.open(words(200)));
    await seen(world, "turn", page.chatId);
    assert.equal(await page.transport.stopGeneration(page.chatId), true);
    assert.doesNotMatch((await long).text, /w199/);
    await seen(world, "turn-complete", page.chatId);
    assert.equal((await page.say("short")).text, "You said: short");
  },

  "stops a turn by its abort signal": async (world) => {
    const page = openPage(world);
    const abort = new AbortController();
    const long = readTurn(await page.open(words(400), { abortSignal: abort.signal }));
    await seen(world, "turn", page.chatId);
    const aborted = performance.now();
    abort.abort();
    await long;
    assert.equal((await seen(world, "turn-complete", page.chatId)).error, undefined);
    // All the words would take six seconds; only a stop that reached the agent ends the turn before.
    assert.ok(performance.now() - aborted < 3_000);
  },

  "resumes a turn in another page, after the last event of the turn before": async (world) => {
    const first = openPage(world);
    await first.say("before");
    const sending = readTurn(await first.open(words(20)));
    const session = first.transport.getSession(first.chatId);
    assert.ok(session?.isStreaming === true && session.lastEventId !== undefined);
    const second = openPage(world, { chatId: first.chatId, sessions: { [first.chatId]: session } });
    const resumed = await second.transport.reconnectToStream({ chatId: first.chatId });
    assert.ok(resumed !== null);
    assert.equal((await readTurn(resumed)).text, `You said: ${words(20)}`);
    assert.equal((await sending).text, `You said: ${words(20)}`);
  },

  "closes at once where a settled session is resumed": async (world) => {
    const first = openPage(world);
    await first.say("before");
    const session = { publicAccessToken: "", ...first.transport.getSession(first.chatId), isStreaming: true };
    const second = openPage(world, { chatId: first.chatId, sessions: { [first.chatId]: session } });
    const resumed = await second.transport.reconnectToStream({ chatId: first.chatId });
    assert.ok(resumed !== null);
    assert.deepEqual((await readTurn(resumed)).chunks, []);
  },

  "sends an action": async (world) => {
    const page = openPage(world);
    await page.say("something to undo");
    await readTurn(await page.transport.sendAction(page.chatId, { type: "undo" }));
    const { action, clientData } = await seen(world, "action", page.chatId);
    assert.deepEqual(action, { type: "undo" });
    assert.deepEqual(signalsOf(clientData), world.expected());
  },

  "steers a turn with a message in between": async (world) => {
    const page = openPage(world);
    const long = readTurn(await page.open(words(40)));
    const steer = { id: "steer-1", role: "user" as const, parts: [{ type: "text" as const, text: "shorter" }] };
    assert.equal(await page.transport.sendPendingMessage(page.chatId, steer), true);
    assert.match((await long).text, /w39/);
    await seen(world, "turn", page.chatId, () => told(world.target.local.runner, page.chatId).length === 2);
    assertTold(world, page.chatId, 2);
  },

  "approves a tool": async (world) => {
    const page = openPage(world);
    page.messages.push(approve(await page.say("delete notes.txt")));
    assert.match((await page.send("submit-message")).text, /Done: .*notes\.txt/);
    assertTold(world, page.chatId, 2);
  },

  "continues the chat in a new run when the old one died": async (world) => {
    const page = openPage(world);
    await page.say("first");
    const { runId } = await seen(world, "turn", page.chatId);
    await world.target.local.runner.kill(runId);
    assert.equal((await page.say("second")).text, "You said: second");
    assert.notEqual((await seen(world, "boot", page.chatId, (boot) => boot.continuation)).runId, runId);
    assertTold(world, page.chatId, 2);
  },

  "serves useChat: talk, regenerate, approve": async (world) => {
    const page = openPage(world);
    const useChat = openUseChat(page);
    await useChat.sendMessage({ text: "hello" });
    assert.equal(lastText(useChat), "You said: hello");
    await useChat.regenerate();
    assert.equal(lastText(useChat), "You said: hello");
    await useChat.sendMessage({ text: "delete notes.txt" });
    const part = useChat.messages.at(-1)?.parts.find((part) => part.type === "tool-deleteFile");
    assert.ok(part !== undefined && "approval" in part && part.approval !== undefined);
    await useChat.addToolApprovalResponse({ id: part.approval.id, approved: true });
    await untilIdle(useChat, () => lastText(useChat).includes("Done"));
    assertTold(world, page.chatId, 4);
  },
};
