/**
 * Runs and their lives: queued, executed, over.
 *
 * A session has at most one live run: a new one is started when there is none, as the server does on every append.
 */

import type { Ids } from "./ids.ts";
import { createKeeping, type Keeping } from "./journal.ts";
import { DATES, isOver, jsonPacket, newRun, type Outcome, type Packet, type Run, type RunDraft } from "./run.ts";
import { addressingKey, type Session, type Sessions } from "./sessions.ts";
import { createTable } from "./table.ts";
import { createTopic } from "./topic.ts";

export type { Outcome, Run, RunStatus } from "./run.ts";

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

export interface Runs {
  find(id: string): Run | undefined;
  /** Oldest first. */
  list(): readonly Run[];
  /** Makes a run, and starts it once its delay is over. */
  trigger(draft: RunDraft): Run;
  /** The session's live run, or a new one that continues the dead one. */
  ensure(session: Session): Run;
  /** Replaces the session's run, if `callingRunId` still is the session's run. */
  swap(session: Session, callingRunId: string): { runId: string; swapped: boolean };
  change(run: Run, patch: Partial<Run>): void;
  cancel(run: Run): void;
  /** Lets a parent wait for a run. It goes on when that is over, or at once. */
  await(run: Run, parent: WaitingParent): void;
  /** Ends what was executing when the last process died, and starts what was still queued. */
  recover(): void;
  /** The version of the last change of any run. */
  readonly version: number;
  /** Resolves when a run was changed after `version`, or the signal aborts. */
  changed(version: number, signal: AbortSignal): Promise<void>;
}

export interface RunsOptions {
  readonly ids: Ids;
  readonly clock: () => Date;
  readonly sessions: Sessions;
  readonly runner?: AgentRunner | undefined;
  readonly keeping?: Keeping;
}

/** Timers that are set for longer go off at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Cleared in a continuation: what only the first run was started with. JSON drops the `undefined`. */
const STICKY = { message: undefined, messages: undefined, trigger: undefined };

export function createRuns({ ids, clock, sessions, runner, keeping = createKeeping(undefined) }: RunsOptions): Runs {
  const rows = createTable<Run>(keeping, "runs", [...DATES]);
  const topic = createTopic(() => rows.list().reduce((highest, run) => Math.max(highest, run.version), 0));
  const parents = new Map<string, WaitingParent[]>();
  const resumeParents = (run: Run) => {
    for (const parent of parents.get(run.id) ?? []) runner?.resume?.(parent.parentRunId, asWaitpoint(run, parent));
    parents.delete(run.id);
  };
  const change = (run: Run, patch: Partial<Run>) => {
    rows.change(run, { ...patch, updatedAt: clock(), version: topic.next() });
    topic.wake();
    if (isOver(run)) resumeParents(run);
  };
  const begin = (run: Run) => {
    if (runner === undefined || isOver(run)) return;
    if (run.status === "DELAYED") change(run, { status: "QUEUED" });
    void execute(runner, run, change, clock);
  };
  const schedule = (run: Run) => {
    const delayMs = (run.delayUntil?.getTime() ?? 0) - clock().getTime();
    if (delayMs <= 0) return begin(run);
    setTimeout(() => schedule(run), Math.min(delayMs, LONGEST_TIMER_MS)).unref();
  };
  const trigger = (draft: RunDraft): Run => {
    const run = rows.add(newRun(ids.next("run"), draft, clock(), topic.next()));
    topic.wake();
    schedule(run);
    return run;
  };
  const startFor = (session: Session, overrides: Record<string, unknown>): Run => {
    const { basePayload, idleTimeoutInSeconds, tags = [] } = session.triggerConfig;
    const payload = jsonPacket({ ...basePayload, idleTimeoutInSeconds, sessionId: session.id, ...overrides });
    const { id: sessionId, taskIdentifier } = session;
    const run = trigger({ taskIdentifier, payload, tags, sessionId, sessionKey: addressingKey(session) });
    sessions.change(session, { currentRunId: run.id });
    return run;
  };
  return {
    find: (id) => rows.get(id),
    list: () => rows.list(),
    trigger,
    ensure(session) {
      const current = session.currentRunId === null ? undefined : rows.get(session.currentRunId);
      if (current === undefined) return startFor(session, {});
      return isOver(current) ? startFor(session, { continuation: true, previousRunId: current.id, ...STICKY }) : current;
    },
    swap(session, callingRunId) {
      if (session.currentRunId !== callingRunId) return { runId: session.currentRunId ?? callingRunId, swapped: false };
      const run = startFor(session, { continuation: true, previousRunId: callingRunId, ...STICKY });
      return { runId: run.id, swapped: true };
    },
    change,
    cancel(run) {
      if (isOver(run)) return;
      change(run, { status: "CANCELED", completedAt: clock() });
      runner?.cancel?.(run.id);
    },
    await(run, parent) {
      parents.set(run.id, [...(parents.get(run.id) ?? []), parent]);
      if (isOver(run)) resumeParents(run);
    },
    recover() {
      for (const run of rows.list()) {
        if (isOver(run)) continue;
        // Nobody may have begun a run that was queued; one that was begun cannot be gone on with.
        if (run.startedAt === null) schedule(run);
        else change(run, { status: "CRASHED", error: LOST, completedAt: clock() });
      }
    },
    get version() {
      return topic.current;
    },
    changed: (version, signal) => topic.after(version, signal),
  };
}

/** A run that is over, as a parent waits for it. */
function asWaitpoint({ id, output, error, status }: Run, { batchId, batchIndex }: WaitingParent): CompletedWaitpoint {
  const child = { runId: id, batchId, batchIndex };
  if (status === "COMPLETED") return { id, type: "RUN", output, isError: false, child };
  return { id, type: "RUN", output: jsonPacket(error ?? { type: "INTERNAL_ERROR", code: "TASK_RUN_CANCELLED" }), isError: true, child };
}

const LOST = { type: "INTERNAL_ERROR", code: "TASK_PROCESS_EXITED_WITH_NON_ZERO_CODE", message: "The process that executed the run is gone" };

async function execute(runner: AgentRunner, run: Run, change: (run: Run, patch: Partial<Run>) => void, clock: () => Date): Promise<void> {
  const host: RunHost = {
    wait: (isWaiting) => {
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
