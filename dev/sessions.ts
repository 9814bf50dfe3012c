/** The rows: sessions. The runs that they schedule are in `runs.ts`. */

import type { Ids } from "./ids.ts";
import { createKeeping, type Keeping } from "./journal.ts";
import type { CreateBody, TriggerConfig } from "./session_body.ts";
import { createTable } from "./table.ts";

/** A session, as Trigger.dev keeps it. */
export interface Session {
  readonly id: string;
  readonly externalId: string | null;
  readonly type: string;
  readonly taskIdentifier: string;
  readonly triggerConfig: TriggerConfig;
  readonly currentRunId: string | null;
  readonly tags: readonly string[];
  readonly metadata: Record<string, unknown> | null;
  readonly closedAt: Date | null;
  readonly closedReason: string | null;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What of a session may change. */
export type SessionPatch = Partial<
  Pick<Session, "triggerConfig" | "currentRunId" | "tags" | "metadata" | "closedAt" | "closedReason">
>;

/** Rows of one environment. A session is found by its own id or by its `externalId`. */
export interface Sessions {
  upsert(body: CreateBody): { session: Session; isCached: boolean };
  find(idOrExternalId: string): Session | undefined;
  /** Newest first. */
  list(): readonly Session[];
  change(session: Session, patch: SessionPatch): void;
}

export function createSessions(ids: Ids, clock: () => Date, keeping: Keeping = createKeeping(undefined)): Sessions {
  const rows = createTable<Session>(keeping, "sessions", ["closedAt", "expiresAt", "createdAt", "updatedAt"]);
  const find = (key: string) => (isSessionId(key) ? rows.get(key) : rows.list().find((row) => row.externalId === key));
  const change = (session: Session, patch: SessionPatch) => void rows.change(session, { ...patch, updatedAt: clock() });
  return {
    find,
    list: () => rows.list().toReversed(),
    change,
    upsert(body) {
      const known = body.externalId === undefined ? undefined : find(body.externalId);
      if (known === undefined) {
        return { session: rows.add(newSession(ids.next("session"), body, clock())), isCached: false };
      }
      // A repeated create refreshes what the next run is started with, and nothing else.
      change(known, { triggerConfig: body.triggerConfig });
      return { session: known, isCached: true };
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

/** What a session is called in lists. */
export function statusOf(session: Session, now: Date): "ACTIVE" | "CLOSED" | "EXPIRED" {
  if (session.closedAt !== null) return "CLOSED";
  return isExpired(session, now) ? "EXPIRED" : "ACTIVE";
}
