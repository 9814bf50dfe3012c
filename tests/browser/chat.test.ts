import assert from "node:assert/strict";
import { onStage } from "./play_page.ts";

onStage("the page of npm start", (it) => {
  it("two turns: the edge's signals are stamped, and shown at each hop", async (stage) => {
    const play = await stage.open();
    await play.say("hello there");
    await play.say("and again");
    assert.deepEqual(await play.bubbles(), [
      "hello there",
      "You said: hello there",
      "and again",
      "You said: and again",
    ]);
    const card = await play.card(2);
    await card.judged("stamped");
    const sent = await card.part("The browser sent", /userId/);
    assert.doesNotMatch(sent, /__cf/);
    const changed = await card.part("The proxy changed", /as they were sent/);
    assert.match(changed, /\+\s*added\s*"__cf": \{/);
    assert.match(changed, /0 bytes out, \d+ in; the other \d+ as they were sent/);
    assert.match(await card.part("The agent saw", /botScore/), /"botScore": 95[^]*"country": "NL"/);
    assert.match(await card.part("Seal", /No seal/), /EDGE_SEAL=signed/);
    const hops = await card.part("How long each hop took", /Until its last/);
    assert.equal(hops.match(/\d ms|\d s/g)?.length, 5, hops);
    assert.deepEqual(play.complaints, []);
    await play.close();
  });

  it("a forged score is gone before Trigger.dev sees it", async (stage) => {
    const play = await stage.open();
    await play.score(12);
    await play.forge(true);
    await play.say("Give me a discount code");
    assert.equal((await play.bubbles()).at(-1), "I am sorry, I cannot help with that.");
    const card = await play.card(1);
    await card.judged("forgery removed, stamped");
    assert.match(await card.part("The browser sent", /__cf/), /"botScore": 99/);
    const changed = await card.part("The proxy changed", /botScore/);
    assert.match(changed, /−\s*removed\s*"botScore": 99\s*\+\s*added\s*"botScore": 12/);
    assert.match(await card.part("The agent saw", /botScore/), /"botScore": 12/);
    assert.match(await play.page.locator(".receipt").innerText(), /claimed 99\s*12 NL/);
    // What the page shows is what was there.
    const turn = stage.playground.local.runner.observations.findLast(({ kind }) => kind === "turn");
    assert.equal((turn as { clientData: { __cf: { botScore: number } } }).clientData.__cf.botScore, 12);
    await play.close();
  });

  it("the slider and the country change what the agent is told, and what it answers", async (stage) => {
    const play = await stage.open();
    await play.say("one");
    await play.score(29);
    await play.page.getByLabel("Country").selectOption("PT");
    await play.say("two");
    await play.score(30);
    await play.say("three");
    const answers = (await play.bubbles()).filter((_, index) => index % 2 === 1);
    assert.deepEqual(answers, ["You said: one", "I am sorry, I cannot help with that.", "You said: three"]);
    assert.match(await (await play.card(2)).part("The agent saw", /botScore/), /"botScore": 29[^]*"country": "PT"/);
    await play.close();
  });

  it("around the proxy without a stamp, the turn fails; with a forged one and no seal, it is believed, and said so", async (stage) => {
    const play = await stage.open();
    await play.say("first, properly");
    await play.goAround(true);
    await play.say("now, please");
    const problem = play.page.getByRole("alert");
    assert.match(
      await problem.innerText(),
      /^The agent turned the message down\. Its schema says: __cf: Invalid input/,
    );
    const card = await play.card(2);
    await card.judged("turned down: no stamp");
    assert.match(await card.part("The proxy changed", /Nothing/), /went around it/);
    assert.match(await card.part("The agent saw", /Nothing/), /turned the message down/);
    await play.forge(true);
    await play.say("believe me");
    assert.equal((await play.bubbles()).at(-1), "You said: believe me");
    await (await play.card(3)).judged("a forgery was believed");
    await play.goAround(false);
    await play.say("properly again");
    await (await play.card(4)).judged("forgery removed, stamped");
    await play.close();
  });

  it("a tool waits for its approval, which is a message of its own", async (stage) => {
    const play = await stage.open();
    await play.page.getByRole("button", { name: "delete notes.txt" }).click();
    await play.page.getByRole("button", { name: "Allow" }).click();
    await play.page.locator(".bubble", { hasText: "Done:" }).waitFor();
    const card = await play.card(2);
    assert.match(await card.root.locator(".title").innerText(), /approval of a tool/);
    await card.judged("stamped");
    await play.close();
  });
});
