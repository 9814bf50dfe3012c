/** The rows: sessions, and the runs that they schedule. */

import type { Ids } from "./ids.ts";
import type { CreateBody, TriggerConfig } from "./session_body.ts";

export interface Session {
  readonly id: string;
  readonly externalId: string | null;
  readonly type: string;
  readonly taskIdentifier: string;
  triggerConfig: TriggerConfig;
  currentRunId: string | null;
  tags: readonly string[];
  metadata: Record<string, unknown> | null;
  closedAt: Date | null;
  closedReason: string | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  updatedAt: Date;
}

/** Rows of one environment. A session is found by its own id or by its `externalId`. */
export interface Sessions {
  upsert(body: CreateBody): { session: Session; isCached: boolean };
  find(idOrExternalId: string): Session | undefined;
  list(): readonly Session[];
}

export function createSessions(ids: Ids, clock: () => Date): Sessions {
  const rows = new Map<string, Session>();
  const find = (key: string) =>
    isSessionId(key) ? rows.get(key) : [...rows.values()].find((row) => row.externalId === key);
  return {
    find,
    list: () => [...rows.values()].reverse(),
    upsert(body) {
      const known = body.externalId === undefined ? undefined : find(body.externalId);
      if (known !== undefined) {
        // A repeated create refreshes what the next run is started with, and nothing else.
        known.triggerConfig = body.triggerConfig;
        known.updatedAt = clock();
        return { session: known, isCached: true };
      }
      const session = newSession(ids.next("session"), body, clock());
      rows.set(session.id, session);
      return { session, isCached: false };
    },
  };
}

function newSession(id: string, body: CreateBody, now: Date): Session {
  return {
    id,
    externalId: body.externalId ?? null,
    type: body.type,
    taskIdentifier: body.taskIdentifier,
    triggerConfig: body.triggerConfig,
    currentRunId: null,
    tags: body.tags ?? [],
    metadata: body.metadata ?? null,
    closedAt: null,
    closedReason: null,
    expiresAt: body.expiresAt === undefined ? null : new Date(body.expiresAt),
    createdAt: now,
    updatedAt: now,
  };
}

/** Ids of the server's own making. An `externalId` may not look like one. */
export function isSessionId(key: string): boolean {
  return key.startsWith("session_");
}

/** What streams and tokens are named after: the `externalId`, or the session's id where there is none. */
export function addressingKey(session: Session): string {
  return session.externalId ?? session.id;
}

export function isExpired(session: Session, now: Date): boolean {
  return session.expiresAt !== null && session.expiresAt < now;
}
