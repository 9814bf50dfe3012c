/** Triggering and watching runs, as a backend does: `realtime/backend/subscribe`, `triggering`, `runs`. */

import { setTimeout as sleep } from "node:timers/promises";
import { auth, batch, idempotencyKeys, runs, tasks } from "@trigger.dev/sdk";
import type { add, report } from "../../dev/tasks.ts";
import { asPage, asServer, type Calls, collect, failure, first, result } from "./calls.ts";

const TEXT = "one two three four five six";
const REPORT = {
  status: "COMPLETED",
  payload: { text: TEXT, wordDelayMs: 20 },
  output: { words: 6, stopped: null },
  tags: ["user-1"],
  metadata: { page: "/", progress: { current: 6, total: 6 }, status: "done" },
};

const triggerReport = (wordDelayMs = 20) =>
  tasks.trigger<typeof report>("demo-report", { text: TEXT, wordDelayMs }, {
    tags: ["user-1"],
    metadata: { page: "/" },
  });
const triggerAdd = () => tasks.trigger<typeof add>("demo-add", { a: 1, b: 2 });
const sums = (runs: readonly { output?: { sum: number } | undefined }[]) =>
  runs.map(({ output }) => output?.sum).sort();

export const RUN_CALLS: Calls = {
  "tasks.trigger and runs.subscribeToRun": [
    (place) =>
      asServer(place, async () => {
        const handle = await triggerReport(100);
        const seen = await collect(runs.subscribeToRun<typeof report>(handle.id));
        const last = seen.at(-1);
        // Progress is told while it is made, not at the end.
        const sawProgress = seen.some(({ metadata, status }) =>
          status === "EXECUTING" && metadata?.["progress"] !== undefined
        );
        return { ...(last === undefined ? {} : result(last)), sawProgress };
      }),
    { ...REPORT, payload: { text: TEXT, wordDelayMs: 100 }, sawProgress: true },
  ],

  "runs.subscribeToRun, with the handle's publicAccessToken": [
    async (place) => {
      const handle = await asServer(place, () => triggerReport());
      const seen = await asPage(place, handle.publicAccessToken, () => collect(runs.subscribeToRun(handle.id)));
      return result(seen.at(-1) ?? await Promise.reject(new Error("nothing seen")));
    },
    REPORT,
  ],

  "runs.subscribeToRun, with skipColumns": [
    (place) =>
      asServer(place, async () => {
        const { id } = await triggerReport();
        const last = await first(runs.subscribeToRun(id, { skipColumns: ["payload", "metadata"] }), ({ output }) =>
          output !== undefined);
        return result(last);
      }),
    { ...REPORT, payload: undefined, metadata: undefined },
  ],

  "auth.createPublicToken with realtime.skipColumns": [
    async (place) => {
      const { id } = await asServer(place, () => triggerReport());
      const token = await asServer(
        place,
        () => auth.createPublicToken({ scopes: { read: { runs: [id] } }, realtime: { skipColumns: ["payload"] } }),
      );
      return asPage(
        place,
        token,
        async () => result(await first(runs.subscribeToRun(id), ({ output }) => output !== undefined)),
      );
    },
    { ...REPORT, payload: undefined },
  ],

  "runs.subscribeToRun of another's run": [
    async (place) => {
      const [mine, other] = await asServer(place, async () => [await triggerAdd(), await triggerAdd()] as const);
      return asPage(place, mine.publicAccessToken, async () => ({
        // A subscription that is refused tells nothing, and does not end either.
        realtime: await Promise.race([collect(runs.subscribeToRun(other.id)), sleep(300, "nothing")]),
        retrieve: await failure(runs.retrieve(other.id, { retry: { maxAttempts: 1 } })),
      }));
    },
    { realtime: "nothing", retrieve: { status: 403, message: "Unauthorized" } },
  ],

  "runs.subscribeToRunsWithTag": [
    async (place) => {
      const tag = `user-${crypto.randomUUID()}`;
      const token = await asServer(place, () => auth.createPublicToken({ scopes: { read: { tags: [tag] } } }));
      // Subscribed before there is a run: it is told of when there is.
      const seen = asPage(
        place,
        token,
        () => first(runs.subscribeToRunsWithTag<typeof add>(tag), ({ status }) => status === "COMPLETED"),
      );
      await asServer(place, () => tasks.trigger<typeof add>("demo-add", { a: 1, b: 2 }, { tags: [tag, "sum"] }));
      const { output, tags } = await seen;
      return { output, tags: tags.length };
    },
    { output: { sum: 3 }, tags: 2 },
  ],

  "tasks.batchTrigger, runs.subscribeToBatch and batch.retrieve": [
    (place) =>
      asServer(place, async () => {
        const handle = await tasks.batchTrigger<typeof add>(
          "demo-add",
          [1, 2].map((a) => ({ payload: { a, b: 10 }, options: { tags: ["sum"] } })),
        );
        const done = new Map<string, { output?: { sum: number } | undefined }>();
        await asPage(place, handle.publicAccessToken, () =>
          first(runs.subscribeToBatch<typeof add>(handle.batchId), (run) => {
            if (run.status === "COMPLETED") {
              done.set(run.id, run);
            }
            return done.size === 2;
          }));
        const { status, runCount, runs: ids } = await batch.retrieve(handle.batchId);
        return {
          sums: sums([...done.values()]),
          status,
          runCount,
          same: ids.every((id) =>
            done.has(id)
          ),
        };
      }),
    { sums: [11, 12], status: "COMPLETED", runCount: 2, same: true },
  ],

  "batch.trigger, of several tasks": [
    (place) =>
      asServer(place, async () => {
        const { batchId } = await batch.trigger<typeof add | typeof report>([
          { id: "demo-add", payload: { a: 3, b: 4 } },
          { id: "demo-report", payload: { text: "hi", wordDelayMs: 1 } },
        ]);
        const done = new Set<string>();
        await first(runs.subscribeToBatch(batchId), (run) => {
          if (run.status === "COMPLETED") done.add(run.taskIdentifier);
          return done.size === 2;
        });
        return [...done].sort();
      }),
    ["demo-add", "demo-report"],
  ],

  "runs.poll and runs.retrieve": [
    (place) =>
      asServer(place, async () => {
        const handle = await tasks.trigger<typeof add>("demo-add", { a: 5, b: 6 }, { tags: ["b", "a"] });
        await runs.poll<typeof add>(handle.id, { pollIntervalMs: 20 });
        const { status, output, payload, tags, isSuccess, attemptCount, triggerFunction } = await runs.retrieve<
          typeof add
        >(handle.id);
        return { status, output, payload, tags, isSuccess, attemptCount, triggerFunction };
      }),
    {
      status: "COMPLETED",
      output: { sum: 11 },
      payload: { a: 5, b: 6 },
      tags: ["a", "b"],
      isSuccess: true,
      attemptCount: 1,
      triggerFunction: "trigger",
    },
  ],

  "runs.list": [
    (place) =>
      asServer(place, async () => {
        const tag = `list-${crypto.randomUUID()}`;
        for (const a of [1, 2, 3]) await tasks.trigger<typeof add>("demo-add", { a, b: 0 }, { tags: [tag] });
        const all = await collect(runs.list({ tag, limit: 2 }));
        return all.map(({ taskIdentifier, tags }) => ({ taskIdentifier, tags: tags.length }));
      }),
    [1, 2, 3].map(() => ({ taskIdentifier: "demo-add", tags: 1 })),
  ],

  "runs.cancel": [
    (place) =>
      asServer(place, async () => {
        const { id } = await tasks.trigger("demo-draft", { to: "Alice" });
        await first(runs.subscribeToRun(id), ({ status }) => status === "EXECUTING");
        await runs.cancel(id);
        const { status, isCancelled, isCompleted } = await runs.retrieve(id);
        return { status, isCancelled, isCompleted };
      }),
    { status: "CANCELED", isCancelled: true, isCompleted: true },
  ],

  "runs.replay": [
    (place) =>
      asServer(place, async () => {
        const { id } = await tasks.trigger<typeof add>("demo-add", { a: 20, b: 1 });
        const replayed = await runs.replay(id);
        return { isNew: replayed.id !== id, output: (await runs.poll(replayed.id, { pollIntervalMs: 20 })).output };
      }),
    { isNew: true, output: { sum: 21 } },
  ],

  "idempotencyKeys.create": [
    (place) =>
      asServer(place, async () => {
        const idempotencyKey = await idempotencyKeys.create(crypto.randomUUID());
        const handles = [];
        for (const a of [1, 2]) {
          handles.push(await tasks.trigger<typeof add>("demo-add", { a, b: 0 }, { idempotencyKey }));
        }
        return new Set(handles.map(({ id }) => id)).size;
      }),
    1,
  ],

  "tasks.trigger with a delay": [
    (place) =>
      asServer(place, async () => {
        const { id } = await tasks.trigger<typeof add>("demo-add", { a: 1, b: 1 }, { delay: "1s" });
        const { status, delayedUntil } = await runs.retrieve(id);
        return {
          status,
          isDelayed: delayedUntil !== undefined,
          output: (await runs.poll(id, { pollIntervalMs: 50 })).output,
        };
      }),
    { status: "DELAYED", isDelayed: true, output: { sum: 2 } },
  ],

  "tasks.trigger of a payload that is stored elsewhere": [
    (place) =>
      asServer(place, async () => {
        const text = "word ".repeat(40_000);
        const { id } = await tasks.trigger<typeof report>("demo-report", { text, wordDelayMs: 0 });
        await runs.cancel(id);
        const { payload } = await runs.retrieve<typeof report>(id);
        const realtime = await first(runs.subscribeToRun<typeof report>(id, { stopOnCompletion: false }));
        return { retrieved: payload?.text.length, subscribed: realtime.payload.text.length };
      }),
    { retrieved: 200_000, subscribed: 200_000 },
  ],

  "a task that fails": [
    (place) =>
      asServer(place, async () => {
        const { id } = await tasks.trigger("demo-flaky", { failures: 5 });
        const { status, error } = await first(runs.subscribeToRun(id), ({ finishedAt }) => finishedAt !== undefined);
        return { status, message: error?.message, attempts: (await runs.retrieve(id)).attemptCount };
      }),
    { status: "FAILED", message: "failed 3 times", attempts: 3 },
  ],
};
