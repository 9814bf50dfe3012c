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

onStage("the looks of the page of npm start", (it) => {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of SCHEMES) {
      it(`${size} and ${colorScheme}: nothing that axe holds for serious, nothing wider than the window`, async (stage) => {
        const play = await stage.open({ viewport, colorScheme });
        await mkdir(SHOTS, { recursive: true });
        const shoot = (name: string) =>
          play.page.screenshot({
            path: fileURLToPath(new URL(`${size}-${colorScheme}-${name}.png`, SHOTS)),
            fullPage: size === "narrow",
          });
        await shoot("empty");
        assert.deepEqual(await violations(play.page), []);
        await story(play);
        await shoot("around");
        assert.deepEqual(await violations(play.page), []);
        await play.card(2);
        await shoot("forged");
        assert.deepEqual(await violations(play.page), []);
        const [content, window] = await play.page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
        assert.equal(content, window);
        const [r, g, b] = /\d+, \d+, \d+/.exec(
          await play.page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor),
        )![0].split(", ").map(Number);
        assert.equal((r! + g! + b!) / 3 > 128, colorScheme === "light");
        await play.close();
      });
    }
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
    await play.say(Array.from({ length: 150 }, (_, index) => `w${index}`).join(" "));
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
