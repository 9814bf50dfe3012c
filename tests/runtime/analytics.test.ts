/** Workers Analytics Engine: the data points that a Worker writes to a dataset that is bound to it. */
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { createTestHarness } from "wrangler";
import { startUpstream } from "./spawned.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const MESSAGE = '{"kind":"message","payload":{"metadata":{}}}';

describe("a Worker with a dataset", () => {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let worker: ReturnType<typeof createTestHarness>;
  before(async () => {
    upstream = await startUpstream((_, response) => response.end('{"ok":true}'));
    worker = createTestHarness({
      workers: [{
        config: {
          name: "edge",
          main: path.join(import.meta.dirname, "analytics_worker.ts"),
          compatibility_date: "2026-07-01",
          vars: { UPSTREAM: upstream.url },
          analytics_engine_datasets: [{ binding: "EDGE_REQUESTS", dataset: "edge_requests" }],
        },
      }],
    });
    await worker.listen();
  });
  after(async () => {
    await worker.close();
    upstream.close();
  });

  test("writes one point for each request, which the binding takes", async () => {
    const append = (body: string, headers: Record<string, string> = {}): Promise<unknown> =>
      worker.fetch("/realtime/v1/sessions/chat/in/append", { method: "POST", body, headers });
    await append(MESSAGE, { traceparent: `00-${TRACE}-b7ad6b7169203331-01` });
    await append(MESSAGE.replace("{", '{"kind":"stop",'));
    const written = await (await worker.fetch("/written")).json() as {
      indexes: string[];
      blobs: string[];
      doubles: number[];
    }[];
    assert.equal(written.length, 2, JSON.stringify(written));
    const [stamped, refused] = written as [(typeof written)[0], (typeof written)[0]];
    assert.deepEqual([stamped.indexes, refused.indexes], [["append"], ["append"]]);
    assert.deepEqual(stamped.blobs.toSpliced(5, 1), ["append", "stamped", "", "POST", "public", TRACE]);
    assert.deepEqual(refused.blobs.toSpliced(5, 1), ["append", "refused", "edge_key_repeated", "POST", "public", ""]);
    assert.match(stamped.blobs[5]!, /^[\da-f-]{36}$/);
    const [status, durationMs, trustMs, upstreamMs, bodyBytes] = stamped.doubles as [
      number,
      number,
      number,
      number,
      number,
    ];
    assert.deepEqual([status, bodyBytes], [200, MESSAGE.length + '"__edge":{}'.length]);
    assert.ok(durationMs >= upstreamMs && upstreamMs >= 0 && trustMs >= 0);
    assert.deepEqual([refused.doubles[0], refused.doubles[3], refused.doubles[4]], [400, 0, 0]);
  });
});
