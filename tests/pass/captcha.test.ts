/** A captcha that is solved once, and what a browser goes through after that. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { challengeBelow } from "../../src/admit.ts";
import { passes, type PassOptions } from "../../src/pass.ts";
import { turnstile, type Verdict } from "../../src/verdicts.ts";
import { openTurnstile, PAGE, SECRET, type Vendor } from "./vendors.ts";
import { BROWSER, KEY, openBrowser, openWorld, runsOf, type World } from "./world.ts";

const CHALLENGE = { provider: "turnstile", siteKey: "0x4AAAAAAA" };
/** A caller who has to solve. */
const SUSPECT = { ...BROWSER, botScore: 12 };

let world: World;
let vendor: Vendor;
before(async () => {
  [world, vendor] = await Promise.all([openWorld(), openTurnstile()]);
});
after(() => Promise.all([world.close(), vendor.close()]));

/** A proxy that challenges below 30, with a clock that a test can put forward. */
async function openProxy(
  { serverCalls = "require-pass", ...options }: Pick<Partial<PassOptions>, "serverCalls" | "verdictTtlSeconds"> = {},
) {
  const clock = { aheadMs: 0 };
  const verdict = turnstile({
    secret: SECRET,
    hostnames: [PAGE],
    action: "chat",
    endpoint: `${vendor.url}/turnstile/v0/siteverify`,
  });
  const proxy = await world.openProxy({
    pass: passes({ key: KEY, verdict, serverCalls, ...options, now: () => Date.now() + clock.aheadMs }),
    admit: challengeBelow(30, { challenge: CHALLENGE }),
  });
  return { proxy, clock };
}

/** A page whose user solves what is asked. */
async function openSolver(options: Parameters<typeof openProxy>[0] = {}) {
  const { proxy, clock } = await openProxy(options);
  const challenges: unknown[] = [];
  const page = openBrowser(proxy, {
    signals: SUSPECT,
    start: options.serverCalls === "own" ? "without a pass" : "with a pass",
    solve: async (challenge) => (challenges.push(challenge), vendor.solve()),
  });
  return { proxy, clock, page, challenges };
}

const answered = (text: string): string => `You said: ${text}`;
const refusedAs = "I am sorry, I cannot help with that.";
const verdictOf = (stamp: unknown): Verdict | undefined => (stamp as { verdict?: Verdict }).verdict;

describe("a captcha solved once", () => {
  it("serves a whole conversation, from the session's creation on", async () => {
    const { page, challenges } = await openSolver();
    const asked = vendor.asked.length;
    // The demo agent turns away whom the edge takes for a bot: what it says shows that the turn came to it.
    for (const text of ["one", "two", "three"]) assert.equal((await page.say(text)).text, refusedAs);
    assert.deepEqual(challenges, [CHALLENGE]);
    assert.equal(vendor.asked.length - asked, 1);
    const { create, append } = world.stamps(page.chatId);
    assert.deepEqual([create.length, append.length], [1, 3]);
    for (const stamp of [...create, ...append]) {
      const { verdict, ...signals } = stamp as Record<string, unknown>;
      assert.deepEqual(signals, SUSPECT);
      assert.deepEqual([(verdict as Verdict).provider, (verdict as Verdict).score, (verdict as Verdict).raw], [
        "turnstile",
        1,
        null,
      ]);
    }
  });

  it("serves while passes end and are renewed, without a failed turn", async () => {
    const { page, challenges, clock, proxy } = await openSolver();
    await page.say("one");
    for (const minutes of [6, 12, 60]) {
      clock.aheadMs = minutes * 60_000;
      assert.equal((await page.say(`after ${minutes} minutes`)).text, refusedAs);
    }
    assert.equal(challenges.length, 1);
    const stamps = world.stamps(page.chatId).append;
    assert.deepEqual(stamps.map((stamp) => verdictOf(stamp)?.score), [1, 1, 1, 1]);
    // Each turn after the end was refused once, renewed, and sent again under its own part id.
    const refusals = proxy.events.filter((event) => event.type === "refused" && event.code === "edge_pass_stale");
    assert.equal(refusals.length, 3);
    const parts = page.sent.flatMap(({ partId }) => partId === null ? [] : [partId]);
    assert.deepEqual([parts.length, new Set(parts).size], [7, 4]);
  });

  it("lasts as long as it is said to: then another is asked for", async () => {
    const { page, challenges } = await openSolver({ verdictTtlSeconds: 6 });
    await page.say("one");
    await new Promise((resolve) => setTimeout(resolve, 6_100));
    assert.equal((await page.say("later")).text, refusedAs);
    assert.equal(challenges.length, 2);
  });

  it("serves on when the browser changes its network, or its version of HTTP", async () => {
    const { page, challenges } = await openSolver();
    await page.say("from the Wi-Fi");
    const moves = [
      { ...SUSPECT, asn: 64999, ip: "2001:db8::7" },
      { ...SUSPECT, ja4: "q13d0312h3_55b375c5d22e_06cda9e17597" },
    ];
    for (const signals of moves) {
      page.signals = signals;
      assert.equal((await page.say("and on")).text, refusedAs);
    }
    assert.equal(challenges.length, 1);
    const last = world.stamps(page.chatId).append.slice(1) as Record<string, unknown>[];
    assert.deepEqual(last.map(({ verdict: _, ...signals }) => signals), moves);
  });

  it("is asked for again in another country, and the turn does not fail", async () => {
    const { page, challenges } = await openSolver();
    await page.say("from here");
    page.signals = { ...SUSPECT, country: "JP" };
    assert.equal((await page.say("from there")).text, refusedAs);
    assert.equal(challenges.length, 2);
    assert.equal(runsOf(world, page.chatId), 1);
  });

  it("does not make a good score of a bad one", async () => {
    const { page } = await openSolver();
    assert.equal((await page.say("hello")).text, refusedAs);
    assert.equal((world.stamps(page.chatId).append[0] as typeof SUSPECT).botScore, 12);
  });
});

describe("a captcha's token", () => {
  it("does not give a second pass", async () => {
    const { proxy } = await openProxy();
    const [one, other] = [openBrowser(proxy, { signals: SUSPECT }), openBrowser(proxy, { signals: SUSPECT })];
    const token = vendor.solve();
    await one.edge.pass(one.chatId, token);
    await assert.rejects(other.edge.pass(other.chatId, token), { code: "edge_admit_challenge" });
    await assert.rejects(one.edge.pass(one.chatId, token), { code: "edge_admit_challenge" });
  });
  it("given to two at once vouches for one", async () => {
    const { proxy } = await openProxy();
    const pages = [openBrowser(proxy, { signals: SUSPECT }), openBrowser(proxy, { signals: SUSPECT })];
    const token = vendor.solve();
    const settled = await Promise.allSettled(pages.map((page) => page.edge.pass(page.chatId, token)));
    assert.deepEqual(settled.map(({ status }) => status).sort(), ["fulfilled", "rejected"]);
  });
});

describe("a challenged message", () => {
  it("arrives once, after one solution, and starts nothing before", async () => {
    // The session is the server's own doing here, so that it is the message which is challenged.
    const { page, proxy, challenges } = await openSolver({ serverCalls: "own" });
    await page.transport.preload(page.chatId);
    assert.equal((await page.say("hello")).text, refusedAs);
    assert.equal(challenges.length, 1);
    assert.equal(world.stamps(page.chatId).append.length, 1);
    const sends = page.sent.filter(({ url }) => url.endsWith("/in/append"));
    assert.deepEqual(sends.map(({ pass }) => pass !== null), [false, true]);
    assert.equal(sends[0]!.partId, sends[1]!.partId);
    const kinds = proxy.events.filter(({ route, type }) => route === "append" && type !== "stamped").map((event) =>
      event.type === "refused" ? event.code : event.type
    );
    assert.deepEqual(kinds, ["edge_admit_challenge", "forwarded"]);
  });
  it("is let through without one for a caller above the score", async () => {
    const { page, challenges } = await openSolver();
    page.signals = BROWSER;
    assert.equal((await page.say("hello")).text, answered("hello"));
    assert.equal(challenges.length, 0);
  });
  it("does not arrive where nobody solves, and no run is started", async () => {
    const { proxy } = await openProxy();
    const page = openBrowser(proxy, { signals: SUSPECT });
    await assert.rejects(page.say("hello"), { code: "edge_admit_challenge" });
    assert.deepEqual([runsOf(world, page.chatId), world.stamps(page.chatId)], [0, { create: [], append: [] }]);
  });
  it("does not arrive where the token is made up", async () => {
    const { proxy } = await openProxy();
    const page = openBrowser(proxy, { signals: SUSPECT, solve: async () => "made up" });
    await assert.rejects(page.say("hello"), { code: "edge_admit_challenge" });
    assert.equal(runsOf(world, page.chatId), 0);
  });
});
