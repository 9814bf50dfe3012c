/** The demo tasks: one for each thing that a client can watch, or send into, a run. */

import { metadata, schemaTask, task, wait } from "@trigger.dev/sdk";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { approval, cancelSignal, words } from "./task_streams.ts";

/** Shows progress in its metadata, streams its words, and can be told to stop. */
export const report = task({
  id: "demo-report",
  run: async ({ text, wordDelayMs = 5 }: { text: string; wordDelayMs?: number }) => {
    const all = text.split(" ");
    const stop = new AbortController();
    const listening = cancelSignal.on(({ reason }) => stop.abort(reason));
    const { waitUntilComplete } = words.pipe(speak(all, wordDelayMs, stop.signal));
    await waitUntilComplete();
    listening.off();
    metadata.set("status", stop.signal.aborted ? "stopped" : "done");
    return { words: all.length, stopped: stop.signal.aborted ? stop.signal.reason : null };
  },
});

async function* speak(all: readonly string[], delayMs: number, signal: AbortSignal): AsyncGenerator<string> {
  for (const [index, word] of all.entries()) {
    await sleep(delayMs);
    if (signal.aborted) return;
    metadata.set("progress", { current: index + 1, total: all.length });
    yield word;
  }
}

/** Drafts a letter, and waits until somebody approves it through an input stream. */
export const draft = task({
  id: "demo-draft",
  run: async ({ to }: { to: string }) => {
    metadata.set("draft", `Dear ${to}`);
    const { approved, reviewer } = await approval.once({ timeoutMs: 60_000 }).unwrap();
    return { sent: approved, reviewer };
  },
});

/** The same, suspended while it waits, as a task is that waits for days. */
export const patientDraft = task({
  id: "demo-patient-draft",
  run: async ({ to }: { to: string }) => {
    metadata.set("draft", `Dear ${to}`);
    const { approved, reviewer } = await approval.wait({ timeout: "1h" }).unwrap();
    return { sent: approved, reviewer };
  },
});

/** Makes a wait token, says in its metadata which, and waits for it. */
export const payment = task({
  id: "demo-payment",
  run: async ({ amount, timeout = "1h" }: { amount: number; timeout?: string }) => {
    const token = await wait.createToken({ timeout, tags: ["payment"] });
    metadata.set("token", { id: token.id, publicAccessToken: token.publicAccessToken, url: token.url });
    await metadata.flush();
    const result = await wait.forToken<{ paid: boolean }>(token);
    return result.ok ? { amount, paid: result.output.paid } : { amount, paid: false, error: result.error.name };
  },
});

/** Adds, which is enough for batches, parents and schemas. */
export const add = schemaTask({
  id: "demo-add",
  schema: z.object({ a: z.number(), b: z.number() }),
  run: async ({ a, b }) => ({ sum: a + b }),
});

/** Adds by asking others: one child, and a batch of them. */
export const addUp = task({
  id: "demo-add-up",
  run: async ({ numbers }: { numbers: number[] }) => {
    const [first = 0, second = 0, ...rest] = numbers;
    const { sum } = await add.triggerAndWait({ a: first, b: second }).unwrap();
    const batch = await add.batchTriggerAndWait(rest.map((b) => ({ payload: { a: 0, b } })));
    return { sum: batch.runs.reduce((total, run) => total + (run.ok ? run.output.sum : 0), sum) };
  },
});

/** Fails as often as it is told to, and is tried again. */
export const flaky = task({
  id: "demo-flaky",
  retry: { maxAttempts: 3, minTimeoutInMs: 1, maxTimeoutInMs: 1, factor: 1 },
  run: async ({ failures }: { failures: number }, { ctx }) => {
    if (ctx.attempt.number <= failures) throw new Error(`failed ${ctx.attempt.number} times`);
    return { attempts: ctx.attempt.number };
  },
});
