/** A short load on each runtime: nothing fails, nothing is lost or doubled, no stream breaks off. `npm run load` is the long one. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { runLoad } from "./run.ts";

/** As many appends and streams as the long one has, for a moment. */
const LOAD = { seconds: 4, perSecond: 2_000, connections: 64, streams: 2_000 };

describe("2,000 appends a second while 2,000 event streams are open", () => {
  for (const runtime of ["bun", "deno"] as const) {
    test(runtime, async (t) => {
      const { sent, answered, failed, opened, held, events, counts, tookMs, memoryMib } = await runLoad(
        runtime,
        "edgestamp",
        LOAD,
      );
      t.diagnostic(`${Math.round(answered / tookMs * 1000)}/s, ${memoryMib.map(Math.round).join(" ")} MiB`);
      assert.deepEqual({ sent, answered, failed }, {
        sent: LOAD.seconds * LOAD.perSecond,
        answered: LOAD.seconds * LOAD.perSecond,
        failed: 0,
      });
      assert.deepEqual({ opened, held }, { opened: LOAD.streams, held: LOAD.streams });
      assert.ok(events >= LOAD.streams * LOAD.seconds / 2, `${events} events`);
      assert.deepEqual(counts, { appends: sent, repeated: 0, unstamped: 0 });
      // What else runs here may slow it down. The rate itself is what `npm run load` measures.
      assert.ok(tookMs < LOAD.seconds * 10_000, `${tookMs} ms`);
    });
  }
});
