/** What every real client must be able to do, whatever stands between it and the upstream. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { sessions } from "@trigger.dev/sdk";
import { AGENT_ID } from "../../dev/agent.ts";
import { configureServer, openAgentChat, openBrowser, readTurn, type Target } from "./clients.ts";

export interface Signals {
  readonly botScore: number;
  readonly ja4: string;
  readonly asn: number;
  readonly country: string;
}

/** A target whose agent can be asked what it was told. */
export interface ListTarget extends Target {
  /** What a client sends under the namespace: the truth where nobody stamps, a forgery where the proxy does. */
  readonly sent: Signals;
  /** What the agent must then see. */
  readonly seen: () => Signals;
}

const NAMESPACE = "__cf";

/** `makeTarget` is called before the first test, inside the suite. */
export function listClients(name: string, target: () => ListTarget): void {
  const clientData = () => ({ userId: "user-1", [NAMESPACE]: target().sent });
  /** What the agent was told on each turn of a chat that reached the model. */
  const told = (chatId: string) =>
    target().local.runner.observations.flatMap((seen) =>
      seen.kind === "turn" && seen.chatId === chatId ? [(seen.clientData as Record<string, unknown>)[NAMESPACE]] : [],
    );

  describe(`${name}: TriggerChatTransport`, () => {
    for (const baseURL of ["string", "function"] as const) {
      it(`holds two turns, with baseURL as a ${baseURL}`, async () => {
        configureServer(target());
        const browser = openBrowser(target(), { clientData: clientData(), baseURL });
        assert.equal((await browser.say("hello there")).text, "You said: hello there");
        assert.equal((await browser.say("and again")).text, "You said: and again");
        assert.deepEqual(told(browser.chatId), [target().seen(), target().seen()]);
      });
    }

    it("preloads, and merges a turn's own metadata", async () => {
      configureServer(target());
      const browser = openBrowser(target(), { clientData: clientData() });
      await browser.transport.preload(browser.chatId);
      const boot = await target().local.runner.seen("boot", (seen) => seen.chatId === browser.chatId);
      assert.deepEqual((boot.clientData as Record<string, unknown>)[NAMESPACE], target().seen());
      const turn = await browser.say("hi", { metadata: { page: "/pricing" }, body: { trace: "t-1" } });
      assert.deepEqual(turn.errors, []);
      const seen = await target().local.runner.seen("turn", (turn) => turn.chatId === browser.chatId);
      assert.deepEqual(seen.clientData, { userId: "user-1", page: "/pricing", [NAMESPACE]: target().seen() });
    });

    it("regenerates an answer", async () => {
      configureServer(target());
      const browser = openBrowser(target(), { clientData: clientData() });
      await browser.say("one more time");
      assert.equal((await browser.send("regenerate-message")).text, "You said: one more time");
      assert.deepEqual(told(browser.chatId), [target().seen(), target().seen()]);
    });

    it("stops a turn, and goes on with the next", async () => {
      configureServer(target());
      const browser = openBrowser(target(), { clientData: clientData() });
      const long = browser.say(Array.from({ length: 200 }, (_, index) => `w${index}`).join(" "));
      await target().local.runner.seen("turn", (turn) => turn.chatId === browser.chatId);
      assert.equal(await browser.transport.stopGeneration(browser.chatId), true);
      assert.doesNotMatch((await long).text, /w199/);
      await target().local.runner.seen("turn-complete", (turn) => turn.chatId === browser.chatId);
      assert.equal((await browser.say("short")).text, "You said: short");
    });

    it("stops a turn by its abort signal", async () => {
      configureServer(target());
      const browser = openBrowser(target(), { clientData: clientData() });
      const abort = new AbortController();
      const long = browser.say(Array.from({ length: 200 }, (_, index) => `w${index}`).join(" "), { abortSignal: abort.signal });
      await target().local.runner.seen("turn", (turn) => turn.chatId === browser.chatId);
      abort.abort();
      await long;
      const { error } = await target().local.runner.seen("turn-complete", (turn) => turn.chatId === browser.chatId);
      assert.equal(error, undefined);
    });

    it("resumes a turn in another page, after the last event of the turn before", async () => {
      configureServer(target());
      const first = openBrowser(target(), { clientData: clientData() });
      await first.say("before");
      const sending = first.say("word after word after word");
      await target().local.runner.seen("turn", () => told(first.chatId).length === 2);
      const session = first.transport.getSession(first.chatId);
      assert.ok(session?.isStreaming === true && session.lastEventId !== undefined);
      const second = openBrowser(target(), { chatId: first.chatId, sessions: { [first.chatId]: session } });
      const resumed = await second.transport.reconnectToStream({ chatId: first.chatId });
      assert.ok(resumed !== null);
      assert.equal((await readTurn(resumed)).text, "You said: word after word after word");
      assert.equal((await sending).text, "You said: word after word after word");
    });

    it("closes at once where a settled session is resumed", async () => {
      configureServer(target());
      const first = openBrowser(target(), { clientData: clientData() });
      await first.say("before");
      const session = first.transport.getSession(first.chatId);
      const second = openBrowser(target(), {
        chatId: first.chatId,
        sessions: { [first.chatId]: { publicAccessToken: "", ...session, isStreaming: true } },
      });
      const resumed = await second.transport.reconnectToStream({ chatId: first.chatId });
      assert.ok(resumed !== null);
      assert.deepEqual((await readTurn(resumed)).chunks, []);
    });

    it("sends an action", async () => {
      configureServer(target());
      const browser = openBrowser(target(), { clientData: clientData() });
      await browser.say("something to undo");
      await readTurn(await browser.transport.sendAction(browser.chatId, { type: "undo" }));
      const seen = await target().local.runner.seen("action", (action) => action.chatId === browser.chatId);
      assert.deepEqual(seen.action, { type: "undo" });
      assert.deepEqual((seen.clientData as Record<string, unknown>)[NAMESPACE], target().seen());
    });

    it("steers a turn with a message in between", async () => {
      configureServer(target());
      const browser = openBrowser(target(), { clientData: clientData() });
      const long = browser.say(Array.from({ length: 40 }, (_, index) => `w${index}`).join(" "));
      await target().local.runner.seen("turn", (turn) => turn.chatId === browser.chatId);
      const steer = { id: "steer-1", role: "user" as const, parts: [{ type: "text" as const, text: "shorter" }] };
      assert.equal(await browser.transport.sendPendingMessage(browser.chatId, steer), true);
      assert.match((await long).text, /w39/);
      await target().local.runner.seen("turn", () => told(browser.chatId).length === 2);
      assert.deepEqual(told(browser.chatId), [target().seen(), target().seen()]);
    });

    it("approves a tool", async () => {
      configureServer(target());
      const browser = openBrowser(target(), { clientData: clientData() });
      const asked = await browser.say("delete notes.txt");
      const start = asked.chunks.find((chunk) => chunk.type === "start");
      const call = asked.chunks.find((chunk) => chunk.type === "tool-input-available");
      const request = asked.chunks.find((chunk) => chunk.type === "tool-approval-request");
      assert.ok(start !== undefined && call !== undefined && request !== undefined);
      browser.messages.push({
        id: start.messageId ?? "",
        role: "assistant",
        parts: [{
          type: "tool-deleteFile",
          toolCallId: call.toolCallId,
          state: "approval-responded",
          input: call.input,
          approval: { id: request.approvalId, approved: true },
        }],
      });
      const done = await browser.send("submit-message");
      assert.match(done.text, /Done: .*notes\.txt/);
      assert.deepEqual(told(browser.chatId), [target().seen(), target().seen()]);
    });

    it("continues the chat in a new run when the old one died", async () => {
      configureServer(target());
      const browser = openBrowser(target(), { clientData: clientData() });
      await browser.say("first");
      const { runId } = await target().local.runner.seen("turn", (turn) => turn.chatId === browser.chatId);
      await target().local.runner.kill(runId);
      assert.equal((await browser.say("second")).text, "You said: second");
      const boot = await target().local.runner.seen("boot", (seen) => seen.chatId === browser.chatId && seen.continuation);
      assert.notEqual(boot.runId, runId);
      assert.deepEqual(told(browser.chatId), [target().seen(), target().seen()]);
    });
  });

  describe(`${name}: server side`, () => {
    it("sessions.start, open, in.send, out.read", async () => {
      configureServer(target());
      const chatId = `chat-${crypto.randomUUID().slice(0, 8)}`;
      const started = await sessions.start({
        type: "chat.agent",
        externalId: chatId,
        taskIdentifier: AGENT_ID,
        triggerConfig: { basePayload: { chatId, trigger: "preload", metadata: clientData() } },
      });
      assert.match(started.id, /^session_/);
      const session = sessions.open(chatId);
      const message = { id: "m-1", role: "user", parts: [{ type: "text", text: "from a server" }] };
      await session.in.send({ kind: "message", payload: { message, chatId, trigger: "submit-message", metadata: clientData() } });
      const abort = new AbortController();
      let text = "";
      const chunks = await session.out.read<{ type: string; delta?: string }>({ signal: abort.signal, onControl: () => abort.abort() });
      for await (const chunk of chunks) text += chunk.type === "text-delta" ? chunk.delta : "";
      assert.equal(text, "You said: from a server");
      assert.deepEqual(told(chatId), [target().seen()]);
      assert.equal((await sessions.retrieve(chatId)).id, started.id);
      const listed = await sessions.list({ externalId: chatId });
      assert.deepEqual(listed.data.map((row) => row.id), [started.id]);
      assert.equal((await sessions.update(chatId, { tags: ["seen"] })).tags[0], "seen");
      assert.equal((await sessions.close(chatId, { reason: "done" })).closedReason, "done");
    });

    it("AgentChat: two turns, an action, a stop, the end", async () => {
      const agentChat = openAgentChat(target(), clientData());
      assert.equal(await (await agentChat.sendMessage("from another server")).text(), "You said: from another server");
      assert.equal(await (await agentChat.sendMessage("and again")).text(), "You said: and again");
      await (await agentChat.sendAction({ type: "undo" })).result();
      await agentChat.stop();
      assert.equal(await agentChat.close(), true);
      const ended = await target().local.runner.seen("run-end", (run) => run.chatId === agentChat.id);
      assert.equal(ended.error, undefined);
      assert.deepEqual(told(agentChat.id), [target().seen(), target().seen()]);
    });
  });
}
