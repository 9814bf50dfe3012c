import assert from "node:assert/strict";
import { onStage, type PlayPage } from "./play_page.ts";

/** Takes the agent seconds to repeat, word by word. */
function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `w${index}`).join(" ");
}

async function lastBubble({ page }: PlayPage): Promise<string> {
  return (await page.locator(".assistant .bubble").last().innerText()).trim();
}

/** What the page shows from now on, each time that it changes: looking at it now and then would miss things on a busy machine. */
async function film({ page }: PlayPage): Promise<() => Promise<Frame[]>> {
  const frames = await page.evaluateHandle(() => {
    const shown: { bubble: string; status: string; route: string }[] = [];
    const look = () => {
      const textsOf = (selector: string) => [...document.querySelectorAll(selector)].map((part) => part.textContent);
      const route = document.querySelector(".route")?.getAttribute("aria-label") ?? "";
      shown.push({
        bubble: textsOf(".assistant .bubble").at(-1) ?? "",
        status: textsOf("[role=status]").join("\n"),
        route,
      });
    };
    new MutationObserver(look).observe(document.body, {
      subtree: true,
      childList: true,
      characterData: true,
      attributes: true,
    });
    return shown;
  });
  return () => frames.jsonValue();
}

interface Frame {
  readonly bubble: string;
  readonly status: string;
  readonly route: string;
}

onStage("streams on the page of npm start", (it) => {
  it("an answer shows as it is written, and its way with it", async (stage) => {
    const play = await stage.open();
    await play.say("warm up");
    const shown = await film(play);
    await play.send(words(70));
    await play.idle();
    const early = (await shown()).filter(({ bubble }) => bubble.includes("w3") && !bubble.includes("w69"));
    assert.ok(early.length > 0, "the answer came all at once");
    assert.ok(early.some(({ status }) => status.includes("The agent writes …")));
    assert.ok(early.some(({ route }) => route.includes("The agent (here now)")));
    assert.equal(await lastBubble(play), `You said: ${words(70)}`);
    await play.page.locator(".route[aria-label$='The agent (passed)']").waitFor();
    await play.close();
  });

  it("a stream that is stopped stops, and the next turn is as any", async (stage) => {
    const play = await stage.open();
    await play.send(words(300));
    await play.page.locator(".assistant .bubble", { hasText: "w5" }).waitFor();
    await play.page.getByRole("button", { name: "Stop" }).click();
    await play.idle();
    const stopped = await lastBubble(play);
    assert.doesNotMatch(stopped, /w299/);
    await play.say("next");
    assert.equal(await lastBubble(play), "You said: next");
    assert.match(await (await play.card(2)).part("The agent saw", /botScore/), /95/);
    await play.close();
  });

  it("a reload resumes the stream where it was, and nothing is told twice", async (stage) => {
    const play = await stage.open();
    await play.say("warm up");
    await play.send(words(90));
    await play.page.locator(".assistant .bubble", { hasText: "w3" }).waitFor();
    const reconnection = play.page.waitForRequest((request) =>
      request.method() === "GET" && /\/out$/.test(new URL(request.url()).pathname) &&
      request.headers()["last-event-id"] !== undefined
    );
    await play.page.reload();
    assert.ok(new URL((await reconnection).url()).origin === stage.playground.proxyUrl);
    await play.page.locator(".assistant .bubble", { hasText: "w89" }).waitFor();
    await play.idle();
    assert.deepEqual((await play.bubbles()).map((text) => text.trim()), [
      "warm up",
      "You said: warm up",
      words(90),
      `You said: ${words(90)}`,
    ]);
    // The inspector knows it all again, and the chat goes on.
    await (await play.card(2)).judged("stamped");
    await play.say("after");
    assert.equal(await lastBubble(play), "You said: after");
    await play.close();
  });

  it("two tabs: one writes, the other looks on, then they change places", async (stage) => {
    const one = await stage.open();
    const two = await one.openTab();
    await one.say("warm up");
    const shown = await film(two);
    await one.send(words(400));
    await one.idle();
    await two.page.locator(".assistant .bubble", { hasText: "w399" }).waitFor();
    await two.idle();
    const frames = await shown();
    assert.ok(frames.some(({ status }) => status.includes("Another tab writes in this chat")));
    assert.ok(frames.some(({ bubble }) => bubble.includes("w3") && !bubble.includes("w399")), "it came all at once");
    await two.say("from the other tab");
    await one.page.locator(".assistant .bubble", { hasText: "from the other tab" }).waitFor();
    const all = [
      "warm up",
      "You said: warm up",
      words(400),
      `You said: ${words(400)}`,
      "from the other tab",
      "You said: from the other tab",
    ];
    assert.deepEqual((await two.bubbles()).map((text) => text.trim()), all);
    assert.deepEqual((await one.bubbles()).map((text) => text.trim()), all);
    await (await one.card(3)).judged("stamped");
    await one.close();
  });

  it("a new chat begins empty, and the old one's messages are gone from both sides", async (stage) => {
    const play = await stage.open();
    await play.say("old");
    await play.page.getByRole("button", { name: "New chat" }).click();
    assert.deepEqual(await play.bubbles(), []);
    assert.equal(await play.page.locator("details.turn").count(), 0);
    await play.say("new");
    assert.deepEqual(await play.bubbles(), ["new", "You said: new"]);
    await play.close();
  });
});
