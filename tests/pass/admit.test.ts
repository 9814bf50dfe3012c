/** Who gets in at all: what is refused starts no run, and says when to come back. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type Admit, all, allowCountries, memoryLimiter, minimumBotScore, rateLimit } from "../../src/admit.ts";
import { passes } from "../../src/pass.ts";
import { BROWSER, KEY, openBrowser, openWorld, runsOf, serverAction, type World } from "./world.ts";

let world: World;
before(async () => {
  world = await openWorld();
});
after(() => world.close());

const proxyWith = (admit: Admit) => world.openProxy({ admit, pass: passes({ key: KEY, serverCalls: "require-pass" }) });

describe("a caller that is not let in", () => {
  for (
    const [what, admit] of [
      ["below the score", minimumBotScore(90)],
      ["from elsewhere", allowCountries(["PT"])],
      ["by the second policy", all(minimumBotScore(1), allowCountries(["PT"]))],
    ] as const
  ) {
    it(`gets no pass, no session and no run: ${what}`, async () => {
      const proxy = await proxyWith(admit);
      const page = openBrowser(proxy);
      await assert.rejects(page.say("hello"), { code: "edge_admit_forbidden" });
      assert.equal(runsOf(world, page.chatId), 0);
    });
  }
  it("is judged by its pass where a server asks for it", async () => {
    let limit = 1;
    const proxy = await proxyWith((signals, call) => minimumBotScore(limit)(signals, call));
    const page = openBrowser(proxy);
    const pass = await page.edge.pass(page.chatId);
    limit = 90;
    await assert.rejects(
      serverAction(proxy)({ chatId: page.chatId, pass }),
      /sessions.start failed: 403 .*edge_admit_forbidden/,
    );
    assert.equal(runsOf(world, page.chatId), 0);
  });
});

describe("a caller over the rate", () => {
  it("gets 429 and a true Retry-After, and starts no run", async () => {
    const limiter = memoryLimiter({ limit: 2, windowSeconds: 2 });
    const proxy = await proxyWith(rateLimit({ key: "ja4", limiter, uses: ["create"] }));
    const began = Date.now();
    const pages = [openBrowser(proxy), openBrowser(proxy), openBrowser(proxy)];
    for (const page of pages.slice(0, 2)) await page.transport.preload(page.chatId);
    await assert.rejects(pages[2]!.transport.preload(pages[2]!.chatId), /429 .*edge_admit_rate_limited/);
    assert.deepEqual(pages.map(({ chatId }) => runsOf(world, chatId)), [1, 1, 0]);
    const create = await fetch(`${proxy.url}/api/v1/sessions`, {
      method: "POST",
      headers: { authorization: "Bearer x", "x-test-edge": JSON.stringify(BROWSER) },
      body: JSON.stringify({ externalId: "other" }),
    });
    const { status, headers } = create;
    assert.deepEqual([status, (await create.json()).code, headers.get("x-should-retry")], [
      429,
      "edge_admit_rate_limited",
      null,
    ]);
    const retryAfter = Number(headers.get("retry-after"));
    assert.ok(retryAfter >= 1 && retryAfter <= 2);
    await new Promise((resolve) => setTimeout(resolve, retryAfter * 1_000));
    await pages[2]!.transport.preload(pages[2]!.chatId);
    assert.equal(runsOf(world, pages[2]!.chatId), 1);
    assert.ok(Date.now() - began < 20_000);
  });
  it("is told so by useChat's transport, once", async () => {
    const proxy = await proxyWith(
      rateLimit({ key: "session", limiter: memoryLimiter({ limit: 1, windowSeconds: 60 }), uses: ["append"] }),
    );
    const [page, other] = [openBrowser(proxy), openBrowser(proxy)];
    await page.say("hello");
    await assert.rejects(page.say("again"), { status: 429, code: "edge_admit_rate_limited" });
    assert.equal((await other.say("hello")).text, "You said: hello");
    assert.equal(world.stamps(page.chatId).append.length, 1);
    assert.equal(page.sent.filter(({ url }) => url.endsWith("/append")).length, 2);
  });
  it("does not escape the limit on passes by calling itself a server", async () => {
    const proxy = await proxyWith(rateLimit({ key: "ja4", limiter: memoryLimiter({ limit: 1, windowSeconds: 60 }) }));
    const ask = (authorization: string) =>
      fetch(`${proxy.url}/.edgestamp/pass`, {
        method: "POST",
        headers: { authorization, "content-type": "application/json", "x-test-edge": JSON.stringify(BROWSER) },
        body: JSON.stringify({ session: "c" }),
      });
    assert.deepEqual([(await ask("")).status, (await ask("Bearer tr_prod_made_up")).status], [200, 429]);
  });
});
