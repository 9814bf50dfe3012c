/**
 * `clock`: the proxy's clock is right, by its answers' dates and by its stamps.
 *
 * @module
 */
import { readStamp } from "../stamp.ts";
import { broken, type Check, holds, unknown } from "../verdict.ts";
import type { Answer } from "../wire.ts";
import type { World } from "../world.ts";

/** What Google's IAP and others allow, and an agent takes without complaint. */
const TOLERANCE_SECONDS = 30;

export const clock: Check = {
  name: "clock",
  async judge(world) {
    const readings = [dateSkew(world.opening), await stampSkew(world)].filter((one) => one !== undefined);
    if (readings.length === 0) return unknown("Neither a Date header nor a sealed stamp tells the proxy's time.");
    const worst = Math.max(...readings.map((seconds) => Math.abs(seconds)));
    if (worst <= TOLERANCE_SECONDS) return holds("The proxy's clock and this machine's agree.");
    const way = readings.find((seconds) => Math.abs(seconds) === worst)! > 0 ? "ahead of" : "behind";
    return broken(
      `The proxy's clock is ${Math.round(worst)} s ${way} this machine's: stamps go by it, so set whichever is wrong.`,
    );
  },
};

/** Seconds by which a Date header is outside of what passed here meanwhile. */
function dateSkew({ headers, sentMs, receivedMs }: Answer): number | undefined {
  const date = Date.parse(headers["date"] ?? "");
  return Number.isNaN(date) ? undefined : outside(date, sentMs, receivedMs);
}

async function stampSkew(world: World): Promise<number | undefined> {
  const stamp = await readStamp(world);
  if (stamp.kind !== "opened" || world.first === undefined) return undefined;
  const { sentMs, receivedMs } = world.first.answer;
  return outside(stamp.claims.iat * 1000, sentMs, receivedMs);
}

/** Both name whole seconds, so one that has passed is not yet behind. */
function outside(timeMs: number, fromMs: number, toMs: number): number {
  if (timeMs > toMs) return (timeMs - toMs) / 1000;
  return timeMs + 1000 < fromMs ? (timeMs - fromMs) / 1000 : 0;
}
