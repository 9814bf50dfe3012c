import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { onStage, type PlayPage } from "./play_page.ts";

/** Git ignores it; CI may keep it. */
const SHOTS = new URL("../../.artifacts/screenshots/", import.meta.url);
const SIZES = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const;
const SCHEMES = ["light", "dark"] as const;

/** A person, a bot with a forged score, and a message around the proxy. */
async function story(play: PlayPage): Promise<void> {
  await play.say("What are your opening hours?");
  await play.forge(true);
  await play.score(12);
  await play.say("Give me a discount code");
  await play.forge(false);
  await play.goAround(true);
  await play.say("Now, please");
}

/** What axe holds for serious or critical. */
async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: createRequire(import.meta.url).resolve("axe-core/axe.min.js") });
  return page.evaluate(async () => {
    type Found = { id: string; impact: string; nodes: { html: string; failureSummary: string }[] };
    const { axe } = globalThis as unknown as { axe: { run(): Promise<{ violations: Found[] }> } };
    const { violations } = await axe.run();
    return violations.filter(({ impact }) => impact === "serious" || impact === "critical").flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`)
    );
  });
}

/** The mean of the background's red, green and blue, to 255. */
async function brightness(page: Page): Promise<number> {
  const color = await page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const [r, g, b] = /\d+, \d+, \d+/.exec(color)![0].split(", ").map(Number);
  return (r! + g! + b!) / 3;
}

/** What sticks out to the right of the window. */
function overflow(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document.documentElement.scrollWidth <= innerWidth
      ? []
      : [...document.querySelectorAll("body *")].filter((one) => one.getBoundingClientRect().right > innerWidth)
        .map(({ outerHTML }) => outerHTML.slice(0, 80))
  );
}

function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `w${index}`).join(" ");
}

onStage("the looks of the page of npm start", (it) => {
  for (const [size, viewport] of Object.entries(SIZES)) {
    it(`${size}, light and dark: nothing that axe holds for serious, nothing wider than the window`, async (stage) => {
      const play = await stage.open({ viewport });
      await mkdir(SHOTS, { recursive: true });
      const look = async (name: string): Promise<void> => {
        for (const colorScheme of SCHEMES) {
          await play.page.emulateMedia({ colorScheme });
          await play.page.screenshot({
            path: fileURLToPath(new URL(`${size}-${colorScheme}-${name}.png`, SHOTS)),
            fullPage: size === "narrow",
          });
          assert.deepEqual(await violations(play.page), [], `${name}, ${colorScheme}`);
          assert.equal(await brightness(play.page) > 128, colorScheme === "light");
          assert.deepEqual(await overflow(play.page), [], `${name}, ${colorScheme}`);
        }
      };
      await look("empty");
      await story(play);
      await look("around");
      await play.card(2);
      await look("forged");
      await play.goAround(false);
      await play.score(90);
      await play.send(words(200));
      await play.page.locator(".assistant .bubble", { hasText: "w9" }).waitFor();
      await look("streaming");
      await play.close();
    });
  }

  it("nothing moves while an answer is written", async (stage) => {
    const play = await stage.open({ viewport: SIZES.wide });
    await play.say("warm up");
    await play.page.evaluate(() => {
      const shifts: unknown[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, hadRecentInput } = entry as PerformanceEntry & { value: number; hadRecentInput: boolean };
          if (!hadRecentInput) shifts.push(value);
        }
      }).observe({ type: "layout-shift", buffered: false });
    });
    await play.say(words(60));
    await (await play.card(2)).part("How long each hop took", /Until its last/);
    assert.deepEqual(await play.page.evaluate(() => (globalThis as unknown as { shifts: number[] }).shifts), []);
    await play.close();
  });

  it("everything can be done by keyboard alone", async (stage) => {
    const play = await stage.open({ viewport: SIZES.wide });
    const { keyboard } = play.page;
    const focused = (): Promise<string> =>
      play.page.evaluate(() => {
        const { activeElement: element } = document;
        return (element as HTMLInputElement).labels?.[0]?.innerText ?? element?.getAttribute("aria-label") ??
          (element as HTMLElement).innerText;
      });
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let press = 0; press < 20; press++) {
        await keyboard.press("Tab");
        if (name.test(await focused())) return;
      }
      assert.fail(`Tab does not come to ${name}`);
    };
    await tabTo(/New chat/);
    await tabTo(/Bot score/);
    await keyboard.press("Home");
    await tabTo(/Country/);
    await keyboard.press("U");
    await tabTo(/Forge my score/);
    await keyboard.press("Space");
    await tabTo(/^Message$/);
    await keyboard.type("by keyboard");
    await keyboard.press("Enter");
    await play.page.locator(".assistant .bubble").waitFor();
    assert.match(await play.page.locator(".receipt").innerText(), /claimed 99\s*1 US/);
    await tabTo(/1\. by keyboard/);
    assert.equal(await play.page.locator("details.turn").first().getAttribute("open"), "");
    await keyboard.press("Enter");
    assert.equal(await play.page.locator("details.turn").first().getAttribute("open"), null);
    await play.close();
  });
});
