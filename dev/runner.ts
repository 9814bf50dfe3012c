/** Executes runs, each in a thread of its own, as the platform gives each run a process. One thread is kept warm. */

import { Worker } from "node:worker_threads";
import type { Observation } from "./observations.ts";
import type { FromWorker, ToWorker, WorkerSetup } from "./run_worker.ts";
import type { AgentRunner, Run } from "./runs.ts";

export interface RunnerOptions extends WorkerSetup {
  /** Where the agent reaches the upstream: known only once that listens. */
  readonly apiUrl: () => string;
  readonly onObservation?: (observation: Observation) => void;
}

export interface Runner extends AgentRunner {
  /** Everything that agents saw so far, in order. */
  readonly observations: readonly Observation[];
  /** Resolves with the first observation, past or future, that fits. Rejects after `withinMs`. */
  seen<K extends Observation["kind"]>(kind: K, fits?: (seen: Extract<Observation, { kind: K }>) => boolean, withinMs?: number): Promise<Extract<Observation, { kind: K }>>;
  /** Ends a run at once, as a crash would: the next append starts another that continues it. */
  kill(runId: string): Promise<void>;
  close(): Promise<void>;
}

export function createRunner(options: RunnerOptions): Runner {
  const observations: Observation[] = [];
  const listeners = new Set<() => void>();
  const busy = new Map<string, Worker>();
  const { secretKey, namespace } = options;
  const spawn = () => new Worker(new URL("./run_worker.ts", import.meta.url), { workerData: { secretKey, namespace } satisfies WorkerSetup });
  let spare: Worker | undefined = spawn();
  const note = (observation: Observation) => {
    observations.push(observation);
    options.onObservation?.(observation);
    for (const listener of listeners) listener();
  };
  return {
    observations,
    async start(run) {
      const worker = spare ?? spawn();
      spare = spawn();
      busy.set(run.id, worker);
      try {
        await execute(worker, run, options.apiUrl(), note);
      } finally {
        busy.delete(run.id);
        await worker.terminate();
      }
    },
    seen: (kind, fits = () => true, withinMs = 10_000) => waitFor(kind, fits, withinMs, observations, listeners),
    async kill(runId) {
      await busy.get(runId)?.terminate();
    },
    async close() {
      const workers = [...busy.values(), ...(spare === undefined ? [] : [spare])];
      spare = undefined;
      await Promise.all(workers.map((worker) => worker.terminate()));
    },
  };
}

/** Gives a thread its run, and settles when the run has ended or the thread has died. */
function execute(worker: Worker, run: Run, apiUrl: string, note: (observation: Observation) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let ended = false;
    const end = (error: string | undefined) => {
      if (ended) return;
      ended = true;
      // Before anyone hears of it: the next append must find that the run is over.
      run.status = error === undefined ? "COMPLETED" : "FAILED";
      note({ kind: "run-end", runId: run.id, chatId: run.sessionKey, error });
      if (error === undefined) resolve();
      else reject(new Error(error));
    };
    worker.on("message", (message: FromWorker) => {
      if ("observation" in message) note(message.observation);
      else end(message.error);
    });
    worker.once("error", (error) => end(String(error)));
    worker.once("exit", () => end("the run's process died"));
    worker.postMessage({ runId: run.id, apiUrl, payload: run.payload } satisfies ToWorker);
  });
}

function waitFor<K extends Observation["kind"]>(
  kind: K,
  fits: (seen: Extract<Observation, { kind: K }>) => boolean,
  withinMs: number,
  observations: readonly Observation[],
  listeners: Set<() => void>,
): Promise<Extract<Observation, { kind: K }>> {
  type Wanted = Extract<Observation, { kind: K }>;
  const find = () => observations.find((seen): seen is Wanted => seen.kind === kind && fits(seen as Wanted));
  return new Promise((resolve, reject) => {
    const listener = () => {
      const found = find();
      if (found === undefined) return;
      clearTimeout(timer);
      listeners.delete(listener);
      resolve(found);
    };
    const timer = setTimeout(() => {
      listeners.delete(listener);
      reject(new Error(`no "${kind}" observation within ${withinMs} ms; seen: ${JSON.stringify(observations)}`));
    }, withinMs);
    listeners.add(listener);
    listener();
  });
}
