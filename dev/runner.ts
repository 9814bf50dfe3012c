/** Executes runs, each in a thread of its own, as the platform gives each run a process. One thread is kept warm. */

import { Worker } from "node:worker_threads";
import type { Observation } from "./observations.ts";
import type { FromWorker, Order, ToWorker, WorkerSetup } from "./run_worker.ts";
import type { RunError } from "./run.ts";
import type { AgentRunner, Run, RunHost } from "./runs.ts";
import { createWatch, type Watch } from "./watch.ts";

export interface RunnerOptions extends WorkerSetup {
  /** Where the agent reaches the upstream: known only once that listens. */
  readonly apiUrl: () => string;
  readonly onObservation?: (observation: Observation) => void;
}

export interface Runner extends AgentRunner, Watch<Observation> {
  /** Everything that agents saw so far, in order. */
  readonly observations: readonly Observation[];
  /** Ends a run at once, as a crash would: the next append starts another that continues it. */
  kill(runId: string): Promise<void>;
  close(): Promise<void>;
}

/** How many threads wait for runs. To start one costs more than to keep one. */
const MOST_IDLE = 4;
/** How long a run that was cancelled has for its hooks. */
const CANCEL_GRACE_MS = 1_000;
/** Built, this package is JavaScript; from its sources, Node strips the types. */
const WORKER = new URL(import.meta.url.endsWith(".ts") ? "./run_worker.ts" : "./run_worker.js", import.meta.url);

export function createRunner(options: RunnerOptions): Runner {
  const observations: Observation[] = [];
  const watch = createWatch(observations);
  const busy = new Map<string, Worker>();
  const setup: WorkerSetup = { secretKey: options.secretKey, namespace: options.namespace, tasks: options.tasks };
  const spawn = () => new Worker(WORKER, { workerData: setup });
  const idle: Worker[] = [spawn()];
  let isClosed = false;
  const note = (observation: Observation) => {
    observations.push(observation);
    options.onObservation?.(observation);
    watch.wake();
  };
  /** Takes a warm thread, and warms the next. */
  const take = (): Worker => {
    const worker = idle.pop() ?? spawn();
    if (idle.length === 0 && !isClosed) idle.push(spawn());
    return worker;
  };
  /** A thread that has only executed tasks is as good as a new one. */
  const release = async (worker: Worker, isReusable: boolean): Promise<void> => {
    if (isReusable && !isClosed && idle.length < MOST_IDLE) idle.push(worker);
    else await worker.terminate();
  };
  return {
    observations,
    seen: watch.seen,
    async start(run, host) {
      const worker = take();
      busy.set(run.id, worker);
      const isReusable = await execute(worker, orderOf(run, options.apiUrl()), host, note).finally(() => busy.delete(run.id));
      await release(worker, isReusable);
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
      isClosed = true;
      await Promise.all([...busy.values(), ...idle.splice(0)].map((worker) => worker.terminate()));
    },
  };
}

function orderOf(run: Run, apiUrl: string): Order {
  const { id, taskIdentifier, payload, tags, metadata, maxAttempts, parentRunId, rootRunId, createdAt, sessionKey } = run;
  return { runId: id, taskIdentifier, apiUrl, payload, sessionKey, tags, metadata, maxAttempts, parentRunId, rootRunId, createdAt };
}

function describe(error: RunError): string {
  return String(error["raw"] ?? error["message"] ?? error["code"]);
}

/** Gives a thread its run, and settles when the run has ended or the thread has died. Says whether the thread is still good. */
function execute(worker: Worker, order: Order, host: RunHost, note: (observation: Observation) => void): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (outcome: Parameters<RunHost["end"]>[0], isReusable: boolean) => {
      worker.off("message", hear).off("error", fail).off("exit", die);
      // Before anyone hears of it: the next append must find that the run is over.
      host.end(outcome);
      // Plain tasks are watched through the API; a chat's end is something to see.
      const { runId, sessionKey } = order;
      if (sessionKey !== null) note({ kind: "run-end", runId, chatId: sessionKey, error: outcome.ok ? undefined : describe(outcome.error) });
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
    worker.on("message", hear).once("error", fail).once("exit", die);
    worker.postMessage({ order } satisfies ToWorker);
  });
}
