/** The life of a run: queued, executed, waiting, over; and whoever waits for one of these. */

import type { Ids } from "./ids.ts";
import { createKeeping, type Keeping } from "./journal.ts";
import { DATES, isOver, jsonPacket, newRun, type Outcome, type Packet, type Run, type RunDraft } from "./run.ts";
import { createTable } from "./table.ts";
import { createTopic } from "./topic.ts";

/** What a runner tells of a run while it executes it. */
export interface RunHost {
  /** The run waits, or goes on after a wait. */
  wait(isWaiting: boolean): void;
  /** An attempt began, the first or another. Until it did, the run is queued. */
  attempt(number: number): void;
  /** The run is over. The first word counts. */
  end(outcome: Outcome): void;
}

/** Whoever executes runs. Without one, runs stay queued, which is enough to test what reaches the streams. */
export interface AgentRunner {
  /** Executes a run. Settles when the run has ended; a rejection is a failed run, unless `host.end` was told otherwise. */
  start(run: Run, host: RunHost): Promise<void>;
  /** Ends a run that was cancelled. */
  cancel?(runId: string): void;
  /** Hands a waiting run what it waits for. */
  resume?(runId: string, waitpoint: CompletedWaitpoint): void;
}

/** What a run gets for its wait: a token's value, a time that has come, or how a child run ended. */
export interface CompletedWaitpoint {
  readonly id: string;
  readonly type: "MANUAL" | "DATETIME" | "RUN";
  readonly output: Packet | null;
  readonly isError: boolean;
  /** The child run, and its place where it was triggered in a batch. */
  readonly child?: { readonly runId: string; readonly batchId: string | null; readonly batchIndex: number | null };
}

/** A run that waits for another, and the place that the other has in the batch that it waits for. */
export interface WaitingParent {
  readonly parentRunId: string;
  readonly batchId: string | null;
  readonly batchIndex: number | null;
}

export interface RunLife {
  find(id: string): Run | undefined;
  /** Oldest first. */
  list(): readonly Run[];
  /** Makes a run, and starts it once its delay is over. */
  trigger(draft: RunDraft): Run;
  change(run: Run, patch: Partial<Run>): void;
  cancel(run: Run): void;
  /** Lets a parent wait for a run. It goes on when that is over, or at once. */
  await(run: Run, parent: WaitingParent): void;
  /** Ends what was executing when the last process died, and starts what was still queued. */
  recover(): void;
  /** The version of the last change of any run. */
  lastVersion(): number;
  /** Resolves when a run was changed after `version`, or the signal aborts. */
  changed(version: number, signal: AbortSignal): Promise<void>;
}

export interface RunLifeOptions {
  readonly ids: Ids;
  readonly clock: () => Date;
  readonly runner?: AgentRunner | undefined;
  readonly keeping?: Keeping;
}

/** Timers that are set for longer go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const LOST = {
  type: "INTERNAL_ERROR",
  code: "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE",
  message: "The process that executed the run is gone",
};

export function createRunLife({ ids, clock, runner, keeping = createKeeping(undefined) }: RunLifeOptions): RunLife {
  const rows = createTable<Run>(keeping, "runs", [...DATES]);
  const topic = createTopic(() => rows.list().reduce((highest, run) => Math.max(highest, run.version), 0));
  const parents = createParents(runner);
  const change = (run: Run, patch: Partial<Run>) => {
    rows.change(run, { ...patch, updatedAt: clock(), version: topic.next() });
    topic.wake();
    if (isOver(run)) parents.resume(run);
  };
  const schedule = (run: Run) => {
    if (runner === undefined || isOver(run)) return;
    const delayMs = (run.delayUntil?.getTime() ?? 0) - clock().getTime();
    if (delayMs > 0) return void setTimeout(() => schedule(run), Math.min(delayMs, LONGEST_TIMER_MS)).unref();
    if (run.status === "DELAYED") change(run, { status: "QUEUED" });
    void execute(runner, run, change, clock);
  };
  return {
    find: (id) => rows.get(id),
    list: () => rows.list(),
    trigger(draft) {
      const run = rows.add(newRun(ids.next("run"), draft, clock(), topic.next()));
      topic.wake();
      schedule(run);
      return run;
    },
    change,
    cancel(run) {
      if (isOver(run)) return;
      change(run, { status: "CANCELED", completedAt: clock() });
      runner?.cancel?.(run.id);
    },
    await: parents.await,
    recover() {
      for (const run of rows.list()) {
        // One that was begun cannot be gone on with; of one that was queued, nobody knows.
        if (run.startedAt === null) schedule(run);
        else if (!isOver(run)) change(run, { status: "CRASHED", error: LOST, completedAt: clock() });
      }
    },
    lastVersion: () => topic.current,
    changed: (version, signal) => topic.after(version, signal),
  };
}

/** Those who wait for runs. They are lost in a restart, as the runs are that wait. */
function createParents(runner: AgentRunner | undefined): { await: RunLife["await"]; resume(run: Run): void } {
  const waiting = new Map<string, WaitingParent[]>();
  const resume = (run: Run) => {
    for (const parent of waiting.get(run.id) ?? []) runner?.resume?.(parent.parentRunId, asWaitpoint(run, parent));
    waiting.delete(run.id);
  };
  return {
    resume,
    await(run, parent) {
      waiting.set(run.id, [...(waiting.get(run.id) ?? []), parent]);
      if (isOver(run)) resume(run);
    },
  };
}

/** A run that is over, as a parent waits for it. */
function asWaitpoint({ id, output, error, status }: Run, { batchId, batchIndex }: WaitingParent): CompletedWaitpoint {
  const child = { runId: id, batchId, batchIndex };
  if (status === "COMPLETED") return { id, type: "RUN", output, isError: false, child };
  const reason = error ?? { type: "INTERNAL_ERROR", code: "TASK_RUN_CANCELLED" };
  return { id, type: "RUN", output: jsonPacket(reason), isError: true, child };
}

async function execute(runner: AgentRunner, run: Run, change: RunLife["change"], clock: () => Date): Promise<void> {
  const host: RunHost = {
    wait(isWaiting) {
      if (!isOver(run)) change(run, { status: isWaiting ? "WAITING" : "EXECUTING" });
    },
    attempt(attempts) {
      if (!isOver(run)) change(run, { attempts, status: "EXECUTING", startedAt: run.startedAt ?? clock() });
    },
    end(outcome) {
      // A run that was cancelled meanwhile stays cancelled.
      if (isOver(run)) return;
      const completedAt = clock();
      if (outcome.ok) change(run, { status: "COMPLETED", output: outcome.output ?? null, completedAt });
      else change(run, { status: "FAILED", error: outcome.error, completedAt });
    },
  };
  try {
    await runner.start(run, host);
    host.end({ ok: true });
  } catch (error) {
    host.end({ ok: false, error: { type: "STRING_ERROR", raw: String(error) } });
  }
}
