/** The page of `npm start`, opened in Chromium, and what people do on it. */

import { after, before, describe, test } from "node:test";
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { startEdgeOnBun } from "../../dev/edge_process.ts";
import { buildPage } from "../../dev/page/build.ts";
import { type Playground, startPlayground } from "../../dev/page/playground.ts";
import type { SealKind } from "../../dev/page/seal_keys.ts";
import { launch, skip } from "./chromium.ts";

/** Longer than a message takes on a busy machine, the agent's start included. */
const PATIENCE_MS = 60_000;

export interface Stage {
  readonly playground: Playground;
  readonly browser: Browser;
  /** Opens the page as somebody new: nothing is kept from another one. */
  open(options?: BrowserContextOptions): Promise<PlayPage>;
  close(): Promise<void>;
}

type Define = (name: string, play: (stage: Stage) => Promise<void>) => void;

/** Tests that share a stage. Where no Chromium is installed, each of them counts as skipped. */
export function onStage(name: string, define: (it: Define) => void, seal?: SealKind): void {
  describe(name, () => {
    let stage: Stage;
    before(async () => {
      if (skip === false) stage = await openStage(seal);
    });
    after(() => stage?.close());
    define((name, play) => test(name, { skip }, () => play(stage)));
  });
}

async function openStage(seal: SealKind = "none"): Promise<Stage> {
  const [playground, browser] = await Promise.all([
    startPlayground({
      namespace: "__cf",
      seal,
      ports: { page: 0, proxy: 0, upstream: 0 },
      findPage: buildPage,
      startEdge: startEdgeOnBun,
    }),
    launch(),
  ]);
  return {
    playground,
    browser,
    async open(options = {}) {
      const context = await browser.newContext(options);
      return openTab(context, playground.pageUrl);
    },
    async close() {
      await browser.close();
      await playground.close();
    },
  };
}

export interface PlayPage {
  readonly page: Page;
  /** What the page complained of. */
  readonly complaints: readonly string[];
  /** Writes and sends, by keyboard. */
  send(text: string): Promise<void>;
  /** Sends, and waits until the chat is idle again. */
  say(text: string): Promise<void>;
  idle(): Promise<void>;
  /** The texts of all bubbles, in order. */
  bubbles(): Promise<string[]>;
  forge(is: boolean): Promise<void>;
  goAround(is: boolean): Promise<void>;
  score(botScore: number): Promise<void>;
  /** The inspector's card of the nth message, from 1; opened. */
  card(n: number): Promise<Card>;
  /** Another tab of the same browser. */
  openTab(): Promise<PlayPage>;
  close(): Promise<void>;
}

export interface Card {
  readonly root: Locator;
  /** Resolves when this is its verdict. */
  judged(verdict: string): Promise<void>;
  /** The text of one of its parts, once it fits. */
  part(title: string, fits: RegExp): Promise<string>;
}

async function openTab(context: BrowserContext, url: string): Promise<PlayPage> {
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE_MS);
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(String(error)));
  page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  await page.goto(url);
  await page.getByRole("textbox", { name: "Message" }).waitFor();
  const send = async (text: string): Promise<void> => {
    const box = page.getByRole("textbox", { name: "Message" });
    await box.fill(text);
    await box.press("Enter");
  };
  const idle = (): Promise<void> => page.getByRole("button", { name: "Send" }).and(page.locator(":enabled")).waitFor();
  return {
    page,
    complaints,
    send,
    idle,
    say: async (text) => {
      const outcomes = page.locator(".message.assistant, .problem");
      const before = await outcomes.count();
      await send(text);
      await outcomes.nth(before).waitFor();
      await idle();
    },
    bubbles: () => page.locator(".bubble").allInnerTexts(),
    forge: (is) => page.getByLabel("Forge my score").setChecked(is),
    goAround: (is) => page.getByLabel("Go around the proxy").setChecked(is),
    score: (botScore) => page.getByLabel("Bot score").fill(String(botScore)),
    card: (n) => openCard(page, n),
    openTab: () => openTab(context, url),
    close: () => context.close(),
  };
}

async function openCard(page: Page, n: number): Promise<Card> {
  const root = page.locator("details.turn").filter({
    has: page.locator(".title", { hasText: new RegExp(`^${n}\\. `) }),
  });
  await root.waitFor();
  if (await root.getAttribute("open") === null) await root.locator("summary").first().click();
  return {
    root,
    judged: (verdict) => root.locator(".verdict").getByText(verdict, { exact: true }).waitFor(),
    part: async (title, fits) => {
      const part = root.locator(".step").filter({ has: page.getByRole("heading", { name: title, exact: true }) });
      await part.filter({ hasText: fits }).waitFor();
      return part.innerText();
    },
  };
}
