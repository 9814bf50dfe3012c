import { openStage } from "./play_page.ts";
const W = Array.from({ length: 200 }, (_, i) => `w${i}`).join(" ");
const stage = await openStage();
for (let k = 0; k < 6; k++) {
const one = await stage.open(); const two = await one.openTab();
for (const p of [one, two]) await p.page.evaluate(() => {
  const log: string[] = []; Object.assign(globalThis, { log });
  addEventListener("storage", (e) => log.push(`${Math.round(performance.timeOrigin + performance.now()) % 100000} storage ${e.key} ${(e.newValue ?? "").length}`));
  const ch = new BroadcastChannel("trigger-chat-tab-coord");
  ch.onmessage = ({ data }) => log.push(`${Math.round(performance.timeOrigin + performance.now()) % 100000} bc ${data.type} ${JSON.stringify(data.messages ?? "").length}`);
});
await one.say("warm up");
await one.send(W);
await one.page.waitForTimeout(300);
await one.idle(); await two.idle();
await two.page.waitForTimeout(1500);
const ok = (await two.bubbles()).at(-1)?.includes("w199");
console.log(k, ok, (await two.bubbles()).map((b) => b.length), (await one.bubbles()).map((b) => b.length));
if (!ok) { console.log("ONE", (await one.page.evaluate(() => (globalThis as any).log)).slice(-12)); console.log("TWO", (await two.page.evaluate(() => (globalThis as any).log)).slice(-12)); console.log(await one.page.evaluate(() => localStorage.getItem("edgestamp-play:messages")?.length)); }
await one.close();
}
await stage.close(); process.exit(0);
