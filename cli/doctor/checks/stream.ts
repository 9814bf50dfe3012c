/**
 * `stream`: what the agent says reaches the browser as it is said.
 *
 * @module
 */
import { channelOf } from "../requests.ts";
import { broken, type Check, holds, needsInside, unknown, type Verdict } from "../verdict.ts";
import type { Opened } from "../wire.ts";
import type { Inside } from "../inside.ts";
import type { World } from "../world.ts";

/** An event that takes longer, while its stream stays open, is held back. */
const PATIENCE_MS = 5_000;
/** How long Trigger.dev is asked to hold the stream open while nothing is said. */
const IDLE_SECONDS = 30;

export const stream: Check = {
  name: "stream",
  async judge(world) {
    if (world.inside === undefined) return needsInside("Whether event streams are held back");
    if (world.first?.data === undefined) {
      return unknown("No message arrived, so no answer could: see the row of append.");
    }
    const closing = new AbortController();
    try {
      return await listen(world, world.inside, closing.signal);
    } finally {
      closing.abort();
    }
  },
};

async function listen({ wire }: World, { session, upstream }: Inside, closing: AbortSignal): Promise<Verdict> {
  const mark = crypto.randomUUID();
  const fields = [["Accept", "text/event-stream"], ["Timeout-Seconds", String(IDLE_SECONDS)]] as const;
  const opening = wire.open({ path: channelOf(session.chat, "out"), token: session.token, fields }, closing);
  const heard = hear(opening, mark);
  // Nobody waits for it where nothing could be said.
  heard.catch(() => {});
  if (!await upstream.say(session.id, JSON.stringify({ type: "edgestamp-doctor", mark }))) {
    return unknown("Trigger.dev did not take a record for the stream, so there was nothing to wait for.");
  }
  const saidMs = performance.now();
  const outcome = await Promise.race([heard, later(PATIENCE_MS)]).catch(() => "ended" as const);
  if (outcome === "heard") {
    return holds(
      `An event arrived ${
        Math.max(1, Math.round(performance.now() - saidMs))
      } ms after it was said, and the stream stayed open.`,
    );
  }
  if (outcome === "late") {
    return broken(
      `An event did not arrive within ${
        PATIENCE_MS / 1000
      } s: turn off buffering and compression of text/event-stream in front of the proxy.`,
    );
  }
  if (outcome === "ended") return broken("The stream ended before its first event: let nothing in front end it early.");
  return unknown(`The stream was answered with ${outcome}: check that --upstream is where the proxy forwards to.`);
}

async function hear(opening: Promise<Opened>, mark: string): Promise<"heard" | "ended" | number> {
  const { status, parts } = await opening;
  if (status !== 200) return status;
  let text = "";
  const decoder = new TextDecoder();
  for await (const part of parts) {
    text += decoder.decode(part, { stream: true });
    if (text.includes(mark)) return "heard";
  }
  return "ended";
}

function later(ms: number): Promise<"late"> {
  return new Promise((resolve) => setTimeout(resolve, ms, "late").unref());
}
