/** Executes runs, each in a thread of its own, as the platform gives each run a process. */

import { Worker } from "node:worker_threads";
import type { Observation } from "./observations.ts";
import type { FromWorker, Order, ToWorker, WorkerSetup } from "./orders.ts";
import { isOver, type RunError } from "./run.ts";
import type { AgentRunner, Run, RunHost } from "./runs.ts";
import { createThreads } from "./threads.ts";
import { createWatch, type Watch } from "./watch.ts";

export interface RunnerOptions extends WorkerSetup {
  /** The program of the threads, where it is not `run_worker.ts`. */
  readonly worker?: URL;
  /** Their `process.env`; without it, a copy of this process's. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Where the agent reaches the upstream: known only once that listens. */
  readonly apiUrl: () => string;
  readonly onObservation?: (observation: Observation) => void;
}

/** Executes runs in threads, and tells what their agents saw. */
export interface Runner extends AgentRunner, Watch<Observation> {
  /** Everything that agents saw so far, in order. */
  readonly observations: readonly Observation[];
  /** Ends a run at once, as a crash would: the next append starts another that continues it. */
  kill(runId: string): Promise<void>;
  close(): Promise<void>;
}

/** How long a run that was cancelled has for its hooks. */
const CANCEL_GRACE_MS = 1_000;
/** Built, this package is JavaScript; from its sources, Node strips the types. */
export const WORKER: URL = new URL(
  import.meta.url.endsWith(".ts") ? "./run_worker.ts" : "./run_worker.js",
  import.meta.url,
);

export function createRunner(options: RunnerOptions): Runner {
  const observations: Observation[] = [];
  const watch = createWatch(observations);
  const busy = new Map<string, Worker>();
  const setup: WorkerSetup = { secretKey: options.secretKey, namespace: options.namespace, tasks: options.tasks };
  const { worker = WORKER, env } = options;
  const threads = createThreads(() => new Worker(worker, { workerData: setup, ...(env !== undefined && { env }) }));
  const note = (observation: Observation) => {
    observations.push(observation);
    options.onObservation?.(observation);
    watch.wake();
  };
  return {
    observations,
    seen: watch.seen,
    async start(run, host) {
      const worker = await threads.take(run.sessionKey !== null);
      // It was cancelled while it waited for a thread.
      if (isOver(run)) return threads.give(worker, true);
      busy.set(run.id, worker);
      const isReusable = await execute(worker, orderOf(run, options.apiUrl()), host, note).finally(() =>
        busy.delete(run.id)
      );
      await threads.give(worker, isReusable);
    },
    cancel(runId) {
      const worker = busy.get(runId);
      worker?.postMessage({ cancel: true } satisfies ToWorker);
      setTimeout(() => {
        if (busy.get(runId) === worker) void worker?.terminate();
      }, CANCEL_GRACE_MS).unref();
    },
    resume(runId, waitpoint) {
      busy.get(runId)?.postMessage({ waitpoint } satisfies ToWorker);
    },
    async kill(runId) {
      await busy.get(runId)?.terminate();
    },
    async close() {
      await Promise.all([threads.close(), ...[...busy.values()].map((worker) => worker.terminate())]);
    },
  };
}

function orderOf({ id, taskIdentifier, payload, sessionKey, tags, metadata, ...run }: Run, apiUrl: string): Order {
  const { maxAttempts, parentRunId, rootRunId, createdAt } = run;
  return {
    runId: id,
    taskIdentifier,
    apiUrl,
    payload,
    sessionKey,
    tags,
    metadata,
    maxAttempts,
    parentRunId,
    rootRunId,
    createdAt,
  };
}

function describe(error: RunError): string {
  return String(error["raw"] ?? error["message"] ?? error["code"]);
}

/** Gives a thread its run, and settles when the run has ended or the thread has died. Says whether the thread is still good. */
function execute(
  worker: Worker,
  order: Order,
  host: RunHost,
  note: (observation: Observation) => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (outcome: Parameters<RunHost["end"]>[0], isReusable: boolean) => {
      worker.off("message", hear).off("error", fail).off("exit", die);
      // Before anyone hears of it: the next append must find that the run is over.
      host.end(outcome);
      // Plain tasks are watched through the API; a chat's end is something to see.
      const { runId, sessionKey } = order;
      if (sessionKey !== null) {
        note({ kind: "run-end", runId, chatId: sessionKey, error: outcome.ok ? undefined : describe(outcome.error) });
      }
      resolve(isReusable);
    };
    const hear = (message: FromWorker) => {
      if ("observation" in message) note(message.observation);
      else if ("isWaiting" in message) host.wait(message.isWaiting);
      else if ("attempt" in message) host.attempt(message.attempt);
      else end(message.outcome, message.isReusable);
    };
    const fail = (error: unknown) => end({ ok: false, error: { type: "STRING_ERROR", raw: String(error) } }, false);
    const die = () => fail("the run's process died");
    // A thread that has ended tells so no more.
    if (worker.threadId === -1) return die();
    worker.on("message", hear).once("error", fail).once("exit", die);
    worker.postMessage({ order } satisfies ToWorker);
  });
}
