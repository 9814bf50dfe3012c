/** The real, unmodified clients of Trigger.dev: against the local upstream itself, and through the proxy. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { serve } from "srvx/node";
import { type Local, startLocal } from "../../dev/serve.ts";
import { createProxy } from "../../mod.ts";
import { SERVER_TESTS } from "./server_tests.ts";
import { SESSION_TESTS } from "./session_tests.ts";
import { TRANSPORT_TESTS } from "./transport_tests.ts";
import { type ClientTests, openPage, seen, type Signals, told, type World } from "./world.ts";

/** A chat whose run died never completes its turn, and its reader waits on: so nothing here may wait for ever. */

const honest: Signals = { botScore: 88, ja4: "t13d1516h2", asn: 64500, country: "NL" };
const forged: Signals = { botScore: 99, ja4: "forged", asn: 1, country: "XX" };

let local: Local;
let proxyUrl: string;
let stamped = honest;
let closeProxy: () => Promise<void>;

before(async () => {
  local = await startLocal({ bundle: true });
  const proxy = createProxy({ upstream: local.url, namespace: "__cf", trust: () => ({ ...stamped }) });
  const server = serve({
    fetch: (request) => proxy.fetch(request),
    port: 0,
    hostname: "127.0.0.1",
    silent: true,
    gracefulShutdown: false,
  });
  await server.ready();
  proxyUrl = (server.url ?? "").replace(/\/$/, "");
  closeProxy = () => server.close(true);
});
after(async () => {
  await closeProxy();
  await local.close();
});

/** Where nobody stamps, the agent believes what the page says: which is why there is a proxy. */
const direct = (): World => ({
  target: { local, writes: local.url, reads: local.url },
  sent: honest,
  expected: () => honest,
});
const proxied = (): World => ({
  target: { local, writes: proxyUrl, reads: local.url },
  sent: forged,
  expected: () => stamped,
});

for (const [where, world] of [["direct", direct], ["through the proxy", proxied]] as const) {
  for (
    const [client, tests] of [["transport", TRANSPORT_TESTS], ["server", SERVER_TESTS], [
      "sessions",
      SESSION_TESTS,
    ]] satisfies [string, ClientTests][]
  ) {
    // A chat waits more than it works, and each has a thread of its own.
    describe(`${where}: ${client}`, { concurrency: 3 }, () => {
      for (const [name, test] of Object.entries(tests)) it(name, () => test(world()));
    });
  }
}

describe("what the agent believes", () => {
  it("is the signals of each turn, not of the first", async () => {
    const page = openPage(proxied());
    assert.equal((await page.say("hello")).text, "You said: hello");
    stamped = { ...honest, botScore: 3 };
    try {
      assert.equal(
        (await page.say("again", { metadata: { __cf: forged } })).text,
        "I am sorry, I cannot help with that.",
      );
    } finally {
      stamped = honest;
    }
    assert.deepEqual(told(local.runner, page.chatId), [honest, { ...honest, botScore: 3 }]);
  });

  it("is nothing for a turn that went around the proxy without a stamp", async () => {
    const clientData = { userId: "user-1" };
    const page = openPage(proxied(), { clientData });
    assert.equal((await page.say("hello")).text, "You said: hello");
    const session = page.transport.getSession(page.chatId);
    assert.ok(session !== undefined);
    const around = openPage(direct(), { chatId: page.chatId, clientData, sessions: { [page.chatId]: session } });
    const turn = await around.say("and now unseen");
    // The turn completes, so the page does not hang; it has no answer, only the error that the agent's schema gave.
    assert.equal(turn.text, "");
    assert.equal(turn.errors.length, 1);
    const { error } = await seen(proxied(), "turn-complete", page.chatId, (completed) => completed.error !== undefined);
    assert.match(error ?? "", /__cf/);
    assert.deepEqual(told(local.runner, page.chatId), [honest]);
    assert.equal((await page.say("back on the path")).text, "You said: back on the path");
  });

  it("is nothing for a session that was created around the proxy without a stamp", async () => {
    const page = openPage(direct(), { clientData: { userId: "user-1" } });
    await page.transport.preload(page.chatId);
    assert.match((await seen(direct(), "run-end", page.chatId)).error ?? "", /__cf/);
    assert.deepEqual(told(local.runner, page.chatId), []);
    // Every run of such a chat dies as it boots, until the session is created once more, with a stamp.
    const mended = openPage(proxied(), { chatId: page.chatId });
    assert.equal((await mended.say("hello again")).text, "You said: hello again");
    assert.deepEqual(told(local.runner, page.chatId), [honest]);
  });
});
