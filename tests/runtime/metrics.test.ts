/** Metrics in an app's own registry. What the ready-made servers' say is `watching.test.ts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import client from "prom-client";
import { metrics } from "../../adapters/metrics.ts";
import type { Answered } from "../../src/watch.ts";

const REFUSED: Answered = {
  requestId: "id",
  method: "POST",
  route: "create",
  caller: "server",
  decision: "refused",
  code: "edge_body_too_large",
  status: 413,
  durationMs: 20,
  trustMs: 4,
};

test("metrics go into a registry that is given, beside its own and without the process where that is not wanted", async () => {
  const registry = new client.Registry();
  new client.Counter({ name: "app_total", help: "The app's own", registers: [registry] }).inc();
  const { observe, respond } = metrics({ client, registry, process: false });
  observe(REFUSED);
  observe(REFUSED);
  const response = await respond();
  assert.equal(response.headers.get("content-type"), client.prometheusContentType);
  assert.equal(response.headers.get("cache-control"), "no-store");
  const text = await response.text();
  const labels = `method="POST",route="create",caller="server",decision="refused",status="413"`;
  for (
    const line of [
      "app_total 1",
      `edgestamp_requests_total{${labels}} 2`,
      `edgestamp_refusals_total{route="create",code="edge_body_too_large"} 2`,
      `edgestamp_request_duration_seconds_sum{route="create",decision="refused"} 0.04`,
      `edgestamp_request_duration_seconds_bucket{le="0.01",route="create",decision="refused"} 0`,
      `edgestamp_request_duration_seconds_bucket{le="0.025",route="create",decision="refused"} 2`,
      "edgestamp_trust_duration_seconds_sum 0.008",
    ]
  ) assert.ok(text.includes(`\n${line}\n`), `${line} is not in\n${text}`);
  assert.doesNotMatch(text, /^process_|edgestamp_upstream_duration_seconds_count/m);
});

test("each has a registry of its own where none is given", async () => {
  const first = metrics({ client });
  const second = metrics({ client });
  first.observe(REFUSED);
  assert.match(await (await first.respond()).text(), /^edgestamp_requests_total\{.*\} 1$/m);
  const text = await (await second.respond()).text();
  assert.doesNotMatch(text, /^edgestamp_requests_total\{/m);
  assert.match(text, /^process_cpu_seconds_total /m);
});
