/** Whose signals a session is stamped with, through the SDK's own clients. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { sessions } from "@trigger.dev/sdk";
import { AGENT_ID } from "../../dev/agent.ts";
import { passes, type PassOptions } from "../../src/pass.ts";
import {
  BROWSER,
  FORGED,
  KEY,
  openBrowser,
  openWorld,
  runsOf,
  SERVER,
  serverAction,
  type TestProxy,
  type World,
} from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

const proxyWith = (options: Partial<PassOptions> = {}): Promise<TestProxy> =>
  world.openProxy({ pass: passes({ key: KEY, ...options }) });
const newChat = (): string => `chat-${crypto.randomUUID().slice(0, 8)}`;

describe("a session that the app's server creates", () => {
  it("carries the browser's signals, with its pass", async () => {
    const page = openBrowser(await proxyWith());
    assert.equal((await page.say("hello")).text, "You said: hello");
    assert.equal((await page.say("again")).text, "You said: again");
    assert.deepEqual(world.stamps(page.chatId), { create: [BROWSER], append: [BROWSER, BROWSER] });
    assert.deepEqual(page.sent.map(({ url, pass }) => [new URL(url).pathname.split("/").at(-1), pass !== null]), [
      ["pass", false],
      ["append", false],
      ["out", false],
      ["append", false],
      ["out", false],
    ]);
  });

  it("carries the server's without one, which is the default", async () => {
    const page = openBrowser(await proxyWith(), { start: "without a pass" });
    assert.equal((await page.say("hello")).text, "You said: hello");
    assert.deepEqual(world.stamps(page.chatId), { create: [SERVER], append: [BROWSER] });
  });

  it("carries null without one, where servers have no say", async () => {
    const chatId = newChat();
    await serverAction(await proxyWith({ serverCalls: "null" }))({ chatId, clientData: { userId: "u", __cf: FORGED } });
    assert.deepEqual(world.stamps(chatId).create, [null]);
  });

  it("is not created without one, where one is required; and the page's client mends that", async () => {
    const proxy = await proxyWith({ serverCalls: "require-pass" });
    const action = serverAction(proxy);
    const chatId = newChat();
    assert.deepEqual(await action({ chatId }), { refused: { code: "edge_pass_stale" } });
    assert.equal(runsOf(world, chatId), 0);
    const page = openBrowser(proxy, { chatId });
    const forgetful = ({ pass: _, ...params }: Parameters<typeof action>[0]) => action(params);
    await assert.rejects(page.edge.startSession(forgetful)({ chatId }), { code: "edge_pass_stale" });
    assert.equal((await page.say("hello")).text, "You said: hello");
    assert.deepEqual(world.stamps(chatId), { create: [BROWSER], append: [BROWSER] });
  });

  it("is refused with the pass of another session, and none but its own", async () => {
    const proxy = await proxyWith();
    const page = openBrowser(proxy);
    const chatId = newChat();
    const pass = await page.edge.pass("another");
    assert.deepEqual(await serverAction(proxy)({ chatId, pass }), { refused: { code: "edge_pass_stale" } });
    assert.deepEqual(await serverAction(proxy)({ chatId, pass: "garbled" }), { refused: { code: "edge_pass_stale" } });
    const foreign = await openBrowser(
      await proxyWith({ key: { ...KEY, k: "pT5rYq8nV2xL7wZ0bKj3mHcG6fDsA9eQ1uIoXvNtE4M" } }),
    ).edge.pass(chatId);
    assert.deepEqual(await serverAction(proxy)({ chatId, pass: foreign }), { refused: { code: "edge_pass_stale" } });
    assert.deepEqual([world.stamps(chatId).create, runsOf(world, chatId)], [[], 0]);
  });

  it("says whose the signals are, where asked for", async () => {
    const proxy = await proxyWith({ via: true });
    const [page, other] = [openBrowser(proxy), openBrowser(proxy, { start: "without a pass" })];
    await Promise.all([page.say("hello"), other.say("hello")]);
    assert.deepEqual(world.stamps(page.chatId), {
      create: [{ ...BROWSER, via: "pass" }],
      append: [{ ...BROWSER, via: "direct" }],
    });
    assert.deepEqual(world.stamps(other.chatId).create, [{ ...SERVER, via: "server" }]);
  });

  it("may carry the pass in the body, where the stamp will be", async () => {
    const proxy = await proxyWith({ serverCalls: "require-pass" });
    const page = openBrowser(proxy);
    const create = (metadata: object) =>
      sessions.start({
        type: "chat.agent",
        externalId: page.chatId,
        taskIdentifier: AGENT_ID,
        triggerConfig: { basePayload: { chatId: page.chatId, trigger: "preload", metadata } },
      });
    for (const forged of [{ __cf: FORGED }, { __cf: "garbled" }, { __cf: await page.edge.pass("another") }, {}]) {
      await assert.rejects(create(forged), { status: 400, code: "edge_pass_stale" });
    }
    await create({ userId: "u", __cf: await page.edge.pass(page.chatId) });
    assert.deepEqual(world.stamps(page.chatId).create, [BROWSER]);
  });
});

describe("a message", () => {
  it("of a browser is stamped by what the edge sees now: a pass improves nothing", async () => {
    const proxy = await proxyWith();
    const page = openBrowser(proxy);
    await page.say("hello");
    // A good pass in the hand of a bot: the stamp says what the bot is.
    const pass = await page.edge.pass(page.chatId);
    const bot = { ...BROWSER, botScore: 2, ja4: "bot" };
    const token = page.transport.getSession(page.chatId)!.publicAccessToken;
    const append = (signals: object, xEdgePass: string, payload: object = {}) =>
      fetch(`${proxy.url}/realtime/v1/sessions/${page.chatId}/in/append`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, "x-edge-pass": xEdgePass, "x-test-edge": JSON.stringify(signals) },
        body: JSON.stringify({
          kind: "message",
          payload: {
            chatId: page.chatId,
            trigger: "submit-message",
            message: { id: "m", role: "user", parts: [] },
            ...payload,
          },
        }),
      });
    assert.equal((await append(bot, pass)).status, 200);
    assert.deepEqual(world.stamps(page.chatId).append, [BROWSER, bot]);
    // In the body it is not looked at: a public token has no pass there.
    assert.equal((await append(bot, "", { metadata: { __cf: pass } })).status, 200);
    assert.equal((await append(bot, "", { metadata: { __cf: "garbled" } })).status, 200);
    assert.deepEqual(world.stamps(page.chatId).append.slice(2), [bot, bot]);
    for (const bad of [await page.edge.pass("another"), "garbled"]) {
      const refused = await append(BROWSER, bad);
      assert.deepEqual([refused.status, (await refused.json()).code, refused.headers.get("x-should-retry")], [
        400,
        "edge_pass_stale",
        "false",
      ]);
    }
  });

  it("of a server goes by the policy for servers", async () => {
    const proxy = await proxyWith();
    const page = openBrowser(proxy);
    await page.say("hello");
    const message = { id: "m-2", role: "user", parts: [{ type: "text", text: "from a server" }] };
    await sessions.open(page.chatId).in.send({
      kind: "message",
      payload: {
        message,
        chatId: page.chatId,
        trigger: "submit-message",
        metadata: { userId: "u", __cf: await page.edge.pass(page.chatId) },
      },
    });
    await sessions.open(page.chatId).in.send({
      kind: "message",
      payload: { message, chatId: page.chatId, trigger: "submit-message", metadata: { userId: "u", __cf: FORGED } },
    });
    assert.deepEqual(world.stamps(page.chatId).append, [BROWSER, BROWSER, SERVER]);
  });
});

describe("the way for passes", () => {
  it("is never the upstream's", async () => {
    const proxy = await proxyWith();
    for (const method of ["GET", "PUT", "DELETE"]) {
      assert.equal((await (await fetch(`${proxy.url}/.edgestamp/pass`, { method })).json()).code, "edge_not_enabled");
    }
    const off = await world.openProxy({});
    assert.equal(
      (await (await fetch(`${off.url}/.edgestamp/pass`, { method: "POST" })).json()).code,
      "edge_not_enabled",
    );
  });
  it("is open to pages of other origins as the rest is, and its answer is kept by nobody", async () => {
    const proxy = await world.openProxy({ pass: passes({ key: KEY }), cors: { origins: ["https://app.example.com"] } });
    const ask = (origin: string) =>
      fetch(`${proxy.url}/.edgestamp/pass`, {
        method: "POST",
        headers: { origin, "content-type": "application/json" },
        body: JSON.stringify({ session: "c" }),
      });
    const { headers } = await ask("https://app.example.com");
    assert.deepEqual([headers.get("access-control-allow-origin"), headers.get("cache-control")], [
      "https://app.example.com",
      "no-store",
    ]);
    assert.equal((await ask("https://evil.example")).headers.get("access-control-allow-origin"), null);
    const preflight = await fetch(`${proxy.url}/.edgestamp/pass`, {
      method: "OPTIONS",
      headers: { origin: "https://app.example.com", "access-control-request-headers": "content-type,x-edge-pass" },
    });
    assert.equal(preflight.headers.get("access-control-allow-headers"), "content-type,x-edge-pass");
  });
});
