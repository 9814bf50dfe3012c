/** The real, unmodified clients of Trigger.dev: against the local upstream itself, and through the proxy. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { serve } from "srvx/node";
import { type Local, startLocal } from "../../dev/serve.ts";
import { createProxy } from "../../mod.ts";
import { type ListTarget, listClients, type Signals } from "./client_list.ts";
import { configureServer, openBrowser } from "./clients.ts";

const honest: Signals = { botScore: 88, ja4: "t13d1516h2", asn: 64500, country: "NL" };
const forged: Signals = { botScore: 99, ja4: "forged", asn: 1, country: "XX" };

let local: Local;
let proxyUrl: string;
let stamped: Signals;
let closeProxy: () => Promise<void>;

before(async () => {
  local = await startLocal();
  stamped = honest;
  const proxy = createProxy({ upstream: local.url, namespace: "__other", trust: () => ({ ...stamped }) });
  const server = serve({ fetch: (request) => proxy.fetch(request), port: 0, hostname: "127.0.0.1", silent: true, gracefulShutdown: false });
  await server.ready();
  proxyUrl = (server.url ?? "").replace(/\/$/, "");
  closeProxy = () => server.close(true);
});
after(async () => {
  await closeProxy();
  await local.close();
});

const direct = (): ListTarget => ({ name: "direct", local, writes: local.url, reads: local.url, sent: honest, seen: () => honest });
const proxied = (): ListTarget => ({ name: "proxied", local, writes: proxyUrl, reads: local.url, sent: forged, seen: () => stamped });

listClients("direct", direct);
listClients("through the proxy", proxied);

describe("what the agent believes", () => {
  /** What it was told under the namespace, on each turn of a chat that reached the model. */
  const told = (chatId: string) =>
    local.runner.observations.flatMap((seen) => (seen.kind === "turn" && seen.chatId === chatId ? [(seen.clientData as { __cf: unknown }).__cf] : []));

  it("is the signals of each turn, not of the first", async () => {
    configureServer(proxied());
    const browser = openBrowser(proxied(), { clientData: { userId: "user-1", __cf: forged } });
    assert.equal((await browser.say("hello")).text, "You said: hello");
    stamped = { ...honest, botScore: 3 };
    try {
      assert.equal((await browser.say("hello again", { metadata: { __cf: forged } })).text, "I am sorry, I cannot help with that.");
    } finally {
      stamped = honest;
    }
    assert.deepEqual(told(browser.chatId), [honest, { ...honest, botScore: 3 }]);
  });

  it("is nothing for a turn that went around the proxy without a stamp", async () => {
    configureServer(proxied());
    const browser = openBrowser(proxied(), { clientData: { userId: "user-1" } });
    assert.equal((await browser.say("hello")).text, "You said: hello");
    const session = browser.transport.getSession(browser.chatId);
    assert.ok(session !== undefined);
    const around = openBrowser(direct(), { chatId: browser.chatId, clientData: { userId: "user-1" }, sessions: { [browser.chatId]: session } });
    const turn = await around.say("and now unseen");
    // The turn completes, so the page does not hang; it has no answer, and the agent's error is all there is of it.
    assert.equal(turn.text, "");
    assert.equal(turn.errors.length, 1);
    const { error } = await local.runner.seen("turn-complete", (seen) => seen.chatId === browser.chatId && seen.error !== undefined);
    assert.match(error ?? "", /__cf/);
    assert.deepEqual(told(browser.chatId), [honest]);
    assert.equal((await browser.say("back on the path")).text, "You said: back on the path");
  });

  it("is nothing for a session that was created around the proxy without a stamp", async () => {
    configureServer(direct());
    const browser = openBrowser(direct(), { clientData: { userId: "user-1" } });
    await browser.transport.preload(browser.chatId);
    const { error } = await local.runner.seen("run-end", (seen) => seen.chatId === browser.chatId);
    assert.match(error ?? "", /__cf/);
    assert.deepEqual(told(browser.chatId), []);
  });
});
