/** Threads for runs. To start one costs more than most runs, so they are kept, and handed from one run to the next. */

import type { Worker } from "node:worker_threads";

export interface Threads {
  /** A thread that is free, or a new one. One that is `kept` is not given back soon: another is warmed in its place. */
  take(isKept: boolean): Promise<Worker>;
  /** Gives a thread back. One that is not good for another run ends. */
  give(worker: Worker, isReusable: boolean): Promise<void>;
  /** Ends every thread that is free. None is kept from now on. */
  close(): Promise<void>;
}

const MOST_FREE = 4;
/** How long a run waits for another's thread before it gets a new one: less than that one would take to start. */
const PATIENCE_MS = 150;

export function createThreads(start: () => Worker): Threads {
  const free: Worker[] = [];
  /** A thread that dies while it is free is not lent again. */
  const spawn = (): Worker => {
    const worker = start();
    worker.on("error", () => {});
    worker.once("exit", () => void (free.includes(worker) && free.splice(free.indexOf(worker), 1)));
    return worker;
  };
  free.push(spawn());
  const waiting: ((worker: Worker) => void)[] = [];
  /** Those that will come back soon. */
  const lent = new Set<Worker>();
  let isClosed = false;
  /** The next thread that is given back, if one is soon. */
  const soon = (): Promise<Worker | undefined> =>
    new Promise((resolve) => {
      const timer = setTimeout(() => {
        waiting.splice(waiting.indexOf(settle), 1);
        resolve(undefined);
      }, PATIENCE_MS);
      const settle = (worker: Worker) => {
        clearTimeout(timer);
        resolve(worker);
      };
      waiting.push(settle);
    });
  return {
    async take(isKept) {
      const given = free.pop() ?? (isKept || lent.size === 0 ? undefined : await soon());
      if (isClosed) throw new Error("the runner is closed");
      const worker = given ?? spawn();
      if (!isKept) lent.add(worker);
      else if (free.length === 0 && !isClosed) free.push(spawn());
      return worker;
    },
    async give(worker, isReusable) {
      lent.delete(worker);
      if (!isReusable || isClosed) return void (await worker.terminate());
      const next = waiting.shift();
      if (next !== undefined) return next(worker);
      if (free.length < MOST_FREE) free.push(worker);
      else await worker.terminate();
    },
    async close() {
      isClosed = true;
      await Promise.all(free.splice(0).map((worker) => worker.terminate()));
    },
  };
}
