/** Runs: those that callers trigger, and those of sessions. A session has at most one live run. */

import { isOver, jsonPacket, type Run } from "./run.ts";
import { createRunLife, type RunLife, type RunLifeOptions } from "./run_life.ts";
import { addressingKey, type Session, type Sessions } from "./sessions.ts";

export type { AgentRunner, CompletedWaitpoint, RunHost } from "./run_life.ts";
export type { Run, RunStatus } from "./run.ts";

/** Every run there is, and what can be done with one. */
export interface Runs extends RunLife {
  /** The session's live run, or a new one that continues the dead one: the server does so on every append. */
  ensure(session: Session): Run;
  /** Replaces the session's run, if `callingRunId` still is the session's run. */
  swap(session: Session, callingRunId: string): { runId: string; swapped: boolean };
}

export interface RunsOptions extends RunLifeOptions {
  readonly sessions: Sessions;
}

/** Cleared in a continuation: what only the first run was started with. JSON drops the `undefined`. */
const STICKY = { message: undefined, messages: undefined, trigger: undefined };

export function createRuns({ sessions, ...options }: RunsOptions): Runs {
  const life = createRunLife(options);
  const start = (session: Session, previousRunId: string | null): Run => {
    const { basePayload, idleTimeoutInSeconds, tags = [] } = session.triggerConfig;
    const overrides = previousRunId === null ? {} : { continuation: true, previousRunId, ...STICKY };
    const payload = jsonPacket({ ...basePayload, idleTimeoutInSeconds, sessionId: session.id, ...overrides });
    const { id: sessionId, taskIdentifier } = session;
    const run = life.trigger({ taskIdentifier, payload, tags, sessionId, sessionKey: addressingKey(session) });
    sessions.change(session, { currentRunId: run.id });
    return run;
  };
  return {
    ...life,
    ensure(session) {
      const current = session.currentRunId === null ? undefined : life.find(session.currentRunId);
      if (current === undefined) return start(session, null);
      return isOver(current) ? start(session, current.id) : current;
    },
    swap(session, callingRunId) {
      if (session.currentRunId !== callingRunId) return { runId: session.currentRunId ?? callingRunId, swapped: false };
      return { runId: start(session, callingRunId).id, swapped: true };
    },
  };
}
