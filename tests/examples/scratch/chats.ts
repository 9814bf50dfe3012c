/** Somebody's tests of chats, with the package as it is installed. `../dev_package.test.ts` type-checks and runs them. */

import assert from "node:assert/strict";
import { after, test } from "node:test";
import { auth } from "@trigger.dev/sdk";
import { chat } from "@trigger.dev/sdk/ai";
import { AgentChat } from "@trigger.dev/sdk/chat";
import { type Dev, startDev } from "edgestamp/dev";

interface Said {
  readonly chatId: string;
  readonly text: string;
  readonly agent: string;
  readonly clientData: Record<string, unknown>;
}

async function say(dev: Dev, { chatId, text, agent, clientData }: Said): Promise<string> {
  const apiClient = { baseURL: dev.proxyUrl, accessToken: dev.local.environment.secretKey };
  await chat.createStartSessionAction(agent, { baseURL: dev.proxyUrl, apiClient })({ chatId, clientData });
  return auth.withAuth(apiClient, async () => {
    const agentChat = new AgentChat({ agent, id: chatId, clientData, baseURL: dev.proxyUrl });
    const answer = await (await agentChat.sendMessage(text)).text();
    await agentChat.close();
    return answer;
  });
}

for (const seal of ["none", "signed"] as const) {
  test(`startDev: page, proxy and Trigger.dev, with seal ${seal}`, { timeout: 180_000 }, async () => {
    const dev = await startDev({ seal });
    after(() => dev.close());
    const html = await (await fetch(dev.pageUrl)).text();
    const [script] = /\/assets\/[\w-]+\.js/.exec(html) ?? [];
    assert.ok(script !== undefined, html);
    assert.equal(
      (await fetch(new URL(script, dev.pageUrl))).headers.get("content-type")?.split(";")[0],
      "text/javascript",
    );
    const clientData = { userId: "somebody", __cf: { botScore: 1 } };
    assert.equal(await say(dev, { chatId: "c-1", text: "hello", agent: "edge-demo", clientData }), "You said: hello");
    const turn = await dev.local.runner.seen("turn");
    assert.equal((turn.clientData as { __cf: { botScore: number } }).__cf.botScore, 95);
  });
}

test("startDev with somebody's own agent", { timeout: 180_000 }, async () => {
  const agent = { tasks: new URL("./agent.ts", import.meta.url), id: "greeter", clientData: { plan: "pro" } };
  const dev = await startDev({ agent, namespace: "__edge" });
  after(() => dev.close());
  const { clientData, agentId, isDemo } = await (await fetch(`${dev.pageUrl}/app/config`)).json() as {
    clientData: Record<string, unknown>;
    agentId: string;
    isDemo: boolean;
  };
  assert.deepEqual([agentId, isDemo], ["greeter", false]);
  assert.equal(await say(dev, { chatId: "c-1", text: "hi", agent: agentId, clientData }), "Hello, pro plan from NL");
});
