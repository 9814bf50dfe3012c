/** What the documents say can be called: each call gives through the proxy what it gives without one. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { serve } from "srvx/node";
import { type Local, startLocal } from "../../dev/serve.ts";
import { createProxy } from "../../mod.ts";
import type { Calls, Place } from "./calls.ts";
import { HOOK_CALLS } from "./hook_calls.ts";
import { RUN_CALLS } from "./run_calls.ts";
import { STREAM_CALLS } from "./stream_calls.ts";
import { TOKEN_CALLS } from "./token_calls.ts";

let local: Local;
let proxied: Place;
let passed = 0;
let close: () => Promise<void>;

before(async () => {
  local = await startLocal({ bundle: true });
  const proxy = createProxy({
    upstream: local.url,
    namespace: "__cf",
    trust: () => ({ botScore: 1 }),
    onEvent: () => void passed++,
  });
  const server = serve({
    fetch: (request) => proxy.fetch(request),
    port: 0,
    hostname: "127.0.0.1",
    silent: true,
    gracefulShutdown: false,
  });
  await server.ready();
  proxied = { local, url: (server.url ?? "").replace(/\/$/, "") };
  close = () => server.close(true);
});
after(async () => {
  await close();
  await local.close();
});

for (
  const [kind, calls] of Object.entries(
    { runs: RUN_CALLS, streams: STREAM_CALLS, tokens: TOKEN_CALLS, hooks: HOOK_CALLS } satisfies Record<string, Calls>,
  )
) {
  describe(kind, () => {
    for (const [name, [call, result]] of Object.entries(calls)) {
      it(name, { timeout: 180_000 }, async () => {
        const before = passed;
        const [through, direct] = await Promise.all([call(proxied), call({ local, url: local.url })]);
        assert.deepEqual(direct, result);
        assert.deepEqual(through, direct);
        assert.ok(passed > before, "the call did not go through the proxy");
      });
    }
  });
}
