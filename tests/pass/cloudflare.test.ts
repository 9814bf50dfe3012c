/** Passes and policies on workerd, with the rate limit that Cloudflare binds. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import path from "node:path";
import { serve } from "srvx/node";
import { createTestHarness } from "wrangler";
import { openTurnstile, type Vendor } from "./vendors.ts";

describe("a Worker", () => {
  const seen: unknown[] = [];
  let vendor: Vendor;
  let worker: ReturnType<typeof createTestHarness>;
  let upstream: ReturnType<typeof serve>;
  before(async () => {
    vendor = await openTurnstile();
    upstream = serve({
      async fetch(request) {
        seen.push((await request.json()).payload.metadata.__edge);
        return Response.json({ ok: true, seq: 1 });
      },
      port: 0,
      hostname: "127.0.0.1",
      silent: true,
      gracefulShutdown: false,
    });
    await upstream.ready();
    worker = createTestHarness({
      workers: [{
        config: {
          name: "edge",
          main: path.join(import.meta.dirname, "worker/worker.ts"),
          compatibility_date: "2026-07-01",
          vars: { UPSTREAM: upstream.url!.replace(/\/$/, ""), TURNSTILE: `${vendor.url}/turnstile/v0/siteverify` },
          ratelimits: [{ name: "CHAT", namespace_id: "1001", simple: { limit: 2, period: 60 } }],
        },
      }],
    });
    await worker.listen();
  });
  after(async () => {
    await worker.close();
    await Promise.all([vendor.close(), upstream.close(true)]);
  });

  const post = (where: string, body: object, headers: Record<string, string>) =>
    worker.fetch(where, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  const append = (headers: Record<string, string>) =>
    post("/realtime/v1/sessions/chat-1/in/append", {
      kind: "message",
      payload: { chatId: "chat-1", message: { id: "m", role: "user", parts: [] } },
    }, { "x-score": "88", ...headers });

  it("issues a pass for a captcha, and lets in who shows it", async () => {
    const low = { "x-score": "3", "x-ja4": "low" };
    assert.equal(((await (await append(low)).json()) as { code: string }).code, "edge_admit_challenge");
    const { pass } = await (await post("/.edgestamp/pass", { session: "chat-1", captchaToken: vendor.solve() }, low))
      .json() as { pass: string };
    assert.equal((await append({ ...low, "x-edge-pass": pass })).status, 200);
    const { verdict, ...signals } = seen.at(-1) as { verdict: { score: number } };
    assert.deepEqual([signals, verdict.score], [{ botScore: 3, ja4: "low" }, 1]);
  });

  it("counts with the binding", async () => {
    // The local binding's windows begin with the minute.
    const leftMs = 60_000 - Date.now() % 60_000;
    if (leftMs < 3_000) await new Promise((resolve) => setTimeout(resolve, leftMs));
    const statuses: number[] = [];
    for (let index = 0; index < 3; index++) statuses.push((await append({ "x-ja4": "busy" })).status);
    assert.deepEqual(statuses, [200, 200, 429]);
    const limited = await append({ "x-ja4": "busy" });
    assert.deepEqual([limited.headers.get("retry-after"), ((await limited.json()) as { code: string }).code], [
      "60",
      "edge_admit_rate_limited",
    ]);
    assert.equal((await append({ "x-ja4": "quiet" })).status, 200);
  });
});
