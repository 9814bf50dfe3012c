/** What the server side of the SDK must be able to do, whatever stands between it and the upstream. */

import assert from "node:assert/strict";
import { sessions } from "@trigger.dev/sdk";
import { AGENT_ID } from "../../dev/agent.ts";
import { configureServer, openAgentChat } from "./clients.ts";
import { clientData, type ClientTests, seen, told } from "./world.ts";

/** Reads a session's `.out` until the turn that is under way completes. */
async function readOut(chatId: string): Promise<string> {
  const abort = new AbortController();
  let text = "";
  const options = { signal: abort.signal, onControl: () => abort.abort() };
  for await (const chunk of await sessions.open(chatId).out.read<{ type: string; delta?: string }>(options)) {
    text += chunk.type === "text-delta" ? chunk.delta : "";
  }
  return text;
}

export const SERVER_TESTS: ClientTests = {
  "sessions: start, open, in.send, out.read": async (world) => {
    configureServer(world.target);
    const chatId = `chat-${crypto.randomUUID().slice(0, 8)}`;
    const metadata = clientData(world);
    const triggerConfig = { basePayload: { chatId, trigger: "preload", metadata } };
    await sessions.start({ type: "chat.agent", externalId: chatId, taskIdentifier: AGENT_ID, triggerConfig });
    const message = { id: "m-1", role: "user", parts: [{ type: "text", text: "from a server" }] };
    await sessions.open(chatId).in.send({
      kind: "message",
      payload: { message, chatId, trigger: "submit-message", metadata },
    });
    assert.equal(await readOut(chatId), "You said: from a server");
    assert.deepEqual(told(world.target.local.runner, chatId), [world.expected()]);
  },

  "sessions: retrieve, list, update, close": async (world) => {
    configureServer(world.target);
    const chatId = `chat-${crypto.randomUUID().slice(0, 8)}`;
    const triggerConfig = { basePayload: { chatId, trigger: "preload", metadata: clientData(world) } };
    const { id } = await sessions.start({
      type: "chat.agent",
      externalId: chatId,
      taskIdentifier: AGENT_ID,
      triggerConfig,
    });
    assert.match(id, /^session_/);
    assert.equal((await sessions.retrieve(chatId)).id, id);
    assert.deepEqual((await sessions.list({ externalId: chatId })).data.map((row) => row.id), [id]);
    assert.deepEqual((await sessions.update(chatId, { tags: ["seen"] })).tags, ["seen"]);
    assert.equal((await sessions.close(chatId, { reason: "done" })).closedReason, "done");
    await assert.rejects(sessions.open(chatId).in.send({ kind: "stop" }), /closed session/);
  },

  "AgentChat: two turns, an action, a stop, the end": async (world) => {
    const agentChat = openAgentChat(world.target, clientData(world));
    assert.equal(await (await agentChat.sendMessage("from a server")).text(), "You said: from a server");
    assert.equal(await (await agentChat.sendMessage("and again")).text(), "You said: and again");
    await (await agentChat.sendAction({ type: "undo" })).result();
    await agentChat.stop();
    assert.equal(await agentChat.close(), true);
    assert.equal((await seen(world, "run-end", agentChat.id)).error, undefined);
    assert.deepEqual(told(world.target.local.runner, agentChat.id), [world.expected(), world.expected()]);
  },
};
