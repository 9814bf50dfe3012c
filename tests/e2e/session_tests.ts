/** The lives of sessions: many at once, tokens that run out, runs that hand over, and sessions that are over. */

import assert from "node:assert/strict";
import { sessions } from "@trigger.dev/sdk";
import { decodeJwt } from "jose";
import { AGENT_ID } from "../../dev/agent.ts";
import { mintPublicToken } from "../../dev/tokens.ts";
import { configureServer } from "./clients.ts";
import { clientData, type ClientTests, openPage, seen, told, type World } from "./world.ts";

const newChat = () => `chat-${crypto.randomUUID().slice(0, 8)}`;
const scopesFor = (chatId: string) => [`read:sessions:${chatId}`, `write:sessions:${chatId}`];
const scopesOf = (token: string | undefined) => decodeJwt(token ?? "")["scopes"] as string[];

/** A session that a server starts, with options that a server action has not. */
function start(world: World, externalId: string, more: object = {}): Promise<unknown> {
  configureServer(world.target);
  const basePayload = { chatId: externalId, trigger: "preload", metadata: clientData(world) };
  // The SDK tries a 409 again, four times in nine seconds.
  return sessions.start({
    type: "chat.agent",
    externalId,
    taskIdentifier: AGENT_ID,
    triggerConfig: { basePayload },
    ...more,
  }, { retry: { maxAttempts: 1 } });
}

/** A page that has lost its token, and gets another when it asks. */
function pageWithToken(world: World, chatId: string, publicAccessToken: string) {
  const { environment } = world.target.local;
  let asked = 0;
  const accessToken = () => {
    asked++;
    return mintPublicToken(environment, { scopes: scopesFor(chatId), now: new Date() });
  };
  return {
    page: openPage(world, { chatId, sessions: { [chatId]: { publicAccessToken } }, accessToken }),
    asked: () => asked,
  };
}

export const SESSION_TESTS: ClientTests = {
  "holds several chats at once, and mixes none up": async (world) => {
    const pages = [1, 2, 3].map(() => openPage(world));
    const said = await Promise.all(pages.map(async (page, index) => {
      const first = await page.say(`first of ${index}`);
      const second = await page.say(`second of ${index}`);
      return [first.text, second.text];
    }));
    assert.deepEqual(said, [0, 1, 2].map((index) => [`You said: first of ${index}`, `You said: second of ${index}`]));
    for (const { chatId } of pages) {
      assert.deepEqual(told(world.target.local.runner, chatId), [world.expected(), world.expected()]);
    }
  },

  "gives the page another token with each turn": async (world) => {
    const page = openPage(world);
    await page.transport.preload(page.chatId);
    const before = page.transport.getSession(page.chatId)?.publicAccessToken;
    await page.say("hello");
    const { runId } = await seen(world, "turn", page.chatId);
    const after = page.transport.getSession(page.chatId)?.publicAccessToken;
    assert.deepEqual(scopesOf(before), scopesFor(page.chatId));
    // The agent's own token for the page may also watch the run, and send into it.
    assert.deepEqual(scopesOf(after).toSorted(), [
      `read:runs:${runId}`,
      `read:sessions:${page.chatId}`,
      `write:inputStreams:${runId}`,
      `write:sessions:${page.chatId}`,
    ]);
  },

  "asks for another token when its own has run out": async (world) => {
    const chatId = newChat();
    await start(world, chatId);
    const old = await mintPublicToken(world.target.local.environment, {
      scopes: scopesFor(chatId),
      now: new Date(),
      expiresAt: 1,
    });
    const { page, asked } = pageWithToken(world, chatId, old);
    assert.equal((await page.say("hello")).text, "You said: hello");
    assert.ok(asked() >= 1);
    assert.deepEqual(told(world.target.local.runner, chatId), [world.expected()]);
  },

  "starts a session again that the upstream does not know": async (world) => {
    const chatId = newChat();
    const token = await mintPublicToken(world.target.local.environment, { scopes: scopesFor(chatId), now: new Date() });
    const { page } = pageWithToken(world, chatId, token);
    assert.equal((await page.say("hello")).text, "You said: hello");
    assert.deepEqual(told(world.target.local.runner, chatId), [world.expected()]);
  },

  "goes on in a new run where the agent hands over": async (world) => {
    const page = openPage(world);
    assert.equal((await page.say("hand over")).text, "You said: hand over");
    const { runId } = await seen(world, "turn", page.chatId);
    const next = await seen(world, "boot", page.chatId, (boot) => boot.continuation);
    assert.notEqual(next.runId, runId);
    assert.equal((await page.say("who is it now?")).text, "You said: who is it now?");
    const turns = world.target.local.runner.observations.flatMap((
      seen,
    ) => (seen.kind === "turn" && seen.chatId === page.chatId ? [seen.runId] : []));
    assert.deepEqual(turns, [runId, next.runId]);
    assert.deepEqual(told(world.target.local.runner, page.chatId), [world.expected(), world.expected()]);
  },

  "says so when the session is closed": async (world) => {
    const page = openPage(world);
    await page.say("hello");
    await sessions.close(page.chatId, { reason: "done" });
    await assert.rejects(page.say("still there?"), /400 .*Cannot append to a closed session/);
    await assert.rejects(start(world, page.chatId), /Session is closed/);
    assert.equal((await sessions.retrieve(page.chatId)).closedReason, "done");
  },

  "says so when the session has expired": async (world) => {
    const chatId = newChat();
    const expiresAt = new Date(Date.now() + 1_500);
    await start(world, chatId, { expiresAt });
    const { page } = pageWithToken(
      world,
      chatId,
      await mintPublicToken(world.target.local.environment, { scopes: scopesFor(chatId), now: new Date() }),
    );
    while (Date.now() <= expiresAt.getTime()) await new Promise((resolve) => setTimeout(resolve, 50));
    await assert.rejects(page.say("still there?"), /400 .*Cannot append to an expired session/);
    await assert.rejects(start(world, chatId), /expired/);
  },
};
