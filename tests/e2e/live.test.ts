/** Live queries and streams, as they end: a reader who leaves is let go, and a silent one is answered in time. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { runs, tasks } from "@trigger.dev/sdk";
import { serve } from "srvx/node";
import { type Local, startLocal } from "../../dev/serve.ts";
import { words } from "../../dev/task_streams.ts";
import { createProxy } from "../../mod.ts";
import { asServer, first, type Place } from "./calls.ts";

const HELD_SECONDS = 1;

let local: Local;
let proxied: Place;
let close: () => Promise<void>;
/** Requests that the upstream has not finished answering, by what they ask for. */
const open = new Map<Request, string>();

before(async () => {
  local = await startLocal({
    bundle: true,
    livePollSeconds: HELD_SECONDS,
    wrap: (fetch) => async (request) => {
      const { pathname, searchParams } = new URL(request.url);
      if (!pathname.startsWith("/realtime/") || request.headers.has("x-trigger-worker")) return fetch(request);
      open.set(request, `${pathname.replace(/run_\w+/, "RUN")} ${searchParams.get("live") ?? ""}`);
      const done = () => void open.delete(request);
      request.signal.addEventListener("abort", done);
      const response = await fetch(request);
      if (response.headers.get("content-type") !== "text/event-stream") done();
      return response;
    },
  });
  const proxy = createProxy({ upstream: local.url, namespace: "__cf", trust: () => ({}) });
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

async function until(fits: () => boolean, what: () => string): Promise<void> {
  for (const deadline = Date.now() + 30_000; !fits(); await new Promise((resolve) => setTimeout(resolve, 10))) {
    assert.ok(Date.now() < deadline, what());
  }
}

for (
  const [where, place] of [["direct", () => ({ local, url: local.url })], ["through the proxy", () => proxied]] as const
) {
  describe(where, () => {
    it("a live query is let go when its reader leaves", () =>
      asServer(place(), async () => {
        const { id } = await tasks.trigger("demo-draft", { to: "Alice" });
        await first(runs.subscribeToRun(id), ({ status, metadata }) =>
          status === "EXECUTING" && metadata?.["draft"] !== undefined);
        // Well before it would have been answered for want of news.
        await until(() =>
          open.size === 0, () => `still held: ${[...open.values()].join()}`);
        await runs.cancel(id);
      }));

    it("a stream is let go when its reader leaves", () =>
      asServer(place(), async () => {
        const { id } = await tasks.trigger("demo-report", { text: "word ".repeat(400), wordDelayMs: 10 });
        await first(await words.read(id));
        await until(() => open.size === 0, () => `still held: ${[...open.values()].join()}`);
        await runs.cancel(id);
      }));

    it("a live query without news is answered in time, and asked again", () =>
      asServer(place(), async () => {
        const { id } = await tasks.trigger("demo-draft", { to: "Alice" });
        const abort = new AbortController();
        const told: number[] = [];
        for await (const run of runs.subscribeToRun(id, { signal: abort.signal })) {
          if (run.metadata?.["draft"] === undefined) continue;
          // From here on nothing changes, for longer than a query is held.
          if (told.push(performance.now()) === 1) setTimeout(() => abort.abort(), HELD_SECONDS * 1_000 + 700);
        }
        // That nothing has changed is no news.
        assert.equal(told.length, 1);
        assert.ok(performance.now() - (told[0] ?? 0) > HELD_SECONDS * 1_000);
        await runs.cancel(id);
      }));
  });
}
