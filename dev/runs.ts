/** Runs: at most one alive for a session. A new one is started when there is none, as the server does on every append. */

import type { Ids } from "./ids.ts";
import { addressingKey, type Session } from "./sessions.ts";

export type RunStatus = "QUEUED" | "EXECUTING" | "COMPLETED" | "FAILED" | "CANCELED";

export interface Run {
  readonly id: string;
  readonly sessionId: string;
  /** What streams and tokens of the run's session are named after. */
  readonly sessionKey: string;
  readonly taskIdentifier: string;
  readonly payload: Readonly<Record<string, unknown>>;
  status: RunStatus;
}

/** Whoever executes runs. Without one, runs stay queued, which is enough to test what reaches the streams. */
export interface AgentRunner {
  /** Starts a run. Settles when the run has ended; a rejection is a failed run. */
  start(run: Run): Promise<void>;
}

export interface Runs {
  find(id: string): Run | undefined;
  list(): readonly Run[];
  /** The session's live run, or a new one that continues the dead one. */
  ensure(session: Session): Run;
  /** Replaces the session's run, if `callingRunId` still is the session's run. */
  swap(session: Session, callingRunId: string): { runId: string; swapped: boolean };
  /** Marks a run as ended. */
  end(id: string, status: RunStatus): void;
}

const FINAL: readonly RunStatus[] = ["COMPLETED", "FAILED", "CANCELED"];

/** Cleared in a continuation: what only the first run was started with. JSON drops the `undefined`. */
const STICKY = { message: undefined, messages: undefined, trigger: undefined };

export function createRuns(ids: Ids, runner: AgentRunner | undefined): Runs {
  const rows = new Map<string, Run>();
  const start = (session: Session, overrides: Record<string, unknown>): Run => {
    const { basePayload, idleTimeoutInSeconds } = session.triggerConfig;
    const payload = { ...basePayload, idleTimeoutInSeconds, sessionId: session.id, ...overrides };
    const run: Run = {
      id: ids.next("run"),
      sessionId: session.id,
      sessionKey: addressingKey(session),
      taskIdentifier: session.taskIdentifier,
      payload: JSON.parse(JSON.stringify(payload)),
      status: "QUEUED",
    };
    rows.set(run.id, run);
    session.currentRunId = run.id;
    if (runner !== undefined) void execute(runner, run);
    return run;
  };
  return {
    find: (id) => rows.get(id),
    list: () => [...rows.values()],
    ensure(session) {
      const current = session.currentRunId === null ? undefined : rows.get(session.currentRunId);
      if (current === undefined) return start(session, {});
      if (!FINAL.includes(current.status)) return current;
      return start(session, { continuation: true, previousRunId: current.id, ...STICKY });
    },
    swap(session, callingRunId) {
      if (session.currentRunId !== callingRunId) return { runId: session.currentRunId ?? callingRunId, swapped: false };
      const run = start(session, { continuation: true, previousRunId: callingRunId, ...STICKY });
      return { runId: run.id, swapped: true };
    },
    end(id, status) {
      const run = rows.get(id);
      if (run !== undefined) run.status = status;
    },
  };
}

async function execute(runner: AgentRunner, run: Run): Promise<void> {
  run.status = "EXECUTING";
  let outcome: RunStatus = "COMPLETED";
  try {
    await runner.start(run);
  } catch {
    outcome = "FAILED";
  }
  // A run that was cancelled meanwhile stays cancelled.
  if (!FINAL.includes(run.status)) run.status = outcome;
}
