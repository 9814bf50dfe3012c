/** A minute of what `npm run soak` does for an hour. */
import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { withBinaries } from "../conformance/servers.ts";
import { soak } from "./soak.ts";

const SECONDS = 50;

test(
  "with faults on both sides nothing is lost, doubled, out of order or unstamped",
  async (t) => {
    withBinaries();
    const seed = process.env["SOAK_SEED"] ?? randomBytes(6).toString("hex");
    t.diagnostic(`npm run soak -- --minutes ${SECONDS / 60} --chats 4 --seed ${seed}`);
    const soaked = await soak({ seconds: SECONDS, seed, runtimes: ["node", "bun", "deno", "workerd"], chatsEach: 4 });
    assert.deepEqual(soaked.complaints, [], `seed ${seed}`);
    // It would be no proof if hardly anything had happened.
    assert.ok(soaked.answered > 300 && soaked.heard > 1_000, JSON.stringify(soaked));
    for (
      const what of [
        "append resetsAfter",
        "append tornBody",
        "stream resets",
        "sender leavesInBody",
        "reader leaves",
        "restart",
      ]
    ) {
      assert.ok((soaked.befell[what] ?? 0) > 0, `${what} never happened: ${JSON.stringify(soaked.befell)}`);
    }
  },
);
