/** A restart: what was under way when the last process died goes on, as far as it can. */

import type { Context } from "./context.ts";
import { addressingKey, type Session } from "./sessions.ts";
import { streamName } from "./streams.ts";

export function recover(context: Context): void {
  const { runs, waitpoints, sessions } = context;
  runs.recover();
  waitpoints.recover();
  for (const session of sessions.list()) {
    const run = session.currentRunId === null ? undefined : runs.find(session.currentRunId);
    // A restart of the real server ends no run. This one's ended with it, and somebody may be waiting for an answer.
    if (run?.status === "CRASHED" && session.closedAt === null && owesAnswer(context, session)) runs.ensure(session);
  }
}

/** Whether there is a record in the session's `.in` that no turn has been completed after. */
function owesAnswer({ streams }: Context, session: Session): boolean {
  const key = addressingKey(session);
  const { tail } = streams.open(streamName(key, "in"));
  const completed = streams.open(streamName(key, "out")).from(0).findLast(({ headers }) =>
    headers.some(([name, value]) => name === "trigger-control" && value === "turn-complete")
  );
  const answered = completed?.headers.find(([name]) => name === "session-in-event-id")?.[1];
  return tail - 1 > Number(answered ?? -1);
}
