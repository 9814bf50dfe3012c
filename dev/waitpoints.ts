/** Waitpoints: what runs wait for. Tokens that somebody completes, records of an input stream, and times that come. */

import type { Ids } from "./ids.ts";
import { createKeeping, type Keeping } from "./journal.ts";
import { jsonPacket, type Packet } from "./run.ts";
import type { CompletedWaitpoint } from "./run_life.ts";
import { createTable } from "./table.ts";

/** What a run waits for: a token, a time, or another run. */
export interface Waitpoint {
  readonly id: string;
  readonly type: "MANUAL" | "DATETIME";
  readonly status: "WAITING" | "COMPLETED" | "TIMED_OUT";
  readonly output: Packet | null;
  readonly tags: readonly string[];
  readonly idempotencyKey: string | null;
  readonly idempotencyKeyExpiresAt: Date | null;
  /** When a token gives up, or when the time comes that is waited for. */
  readonly timeoutAt: Date | null;
  readonly completedAt: Date | null;
  readonly createdAt: Date;
  /** The stream whose next record completes it. */
  readonly inputStream: string | null;
}

export type WaitpointDraft = Pick<Waitpoint, "type"> & Partial<Waitpoint>;

/** Every waitpoint there is. */
export interface Waitpoints {
  find(id: string): Waitpoint | undefined;
  /** Newest first. */
  list(): readonly Waitpoint[];
  /** Makes one, or gives back the one that was made with the same idempotency key, while that lasts. */
  create(draft: WaitpointDraft): { waitpoint: Waitpoint; isCached: boolean };
  complete(waitpoint: Waitpoint, output: Packet): void;
  /** Completes what waits for a record of this stream. */
  completeStream(inputStream: string, output: Packet): void;
  /** Makes a run wait for it. A run that waits for what is over goes on at once. */
  block(waitpoint: Waitpoint, runId: string): void;
  /** Sets the clocks going again, after a restart. */
  recover(): void;
}

export interface WaitpointsOptions {
  readonly ids: Ids;
  readonly clock: () => Date;
  readonly keeping?: Keeping;
  /** Hands a run what it waits for. */
  readonly resume: (runId: string, waitpoint: CompletedWaitpoint) => void;
}

const LONGEST_TIMER_MS = 2 ** 31 - 1;

export function createWaitpoints(
  { ids, clock, resume, keeping = createKeeping(undefined) }: WaitpointsOptions,
): Waitpoints {
  const rows = createTable<Waitpoint>(keeping, "waitpoints", [
    "idempotencyKeyExpiresAt",
    "timeoutAt",
    "completedAt",
    "createdAt",
  ]);
  const blocked = new Map<string, Set<string>>();
  const finish = (waitpoint: Waitpoint, status: Waitpoint["status"], output: Packet) => {
    if (waitpoint.status !== "WAITING") return;
    rows.change(waitpoint, { status, output, completedAt: clock() });
    for (const runId of blocked.get(waitpoint.id) ?? []) resume(runId, asCompleted(waitpoint));
    blocked.delete(waitpoint.id);
  };
  const setClock = (waitpoint: Waitpoint) => {
    if (waitpoint.timeoutAt === null || waitpoint.status !== "WAITING") return;
    const leftMs = waitpoint.timeoutAt.getTime() - clock().getTime();
    if (leftMs > 0) return void setTimeout(() => setClock(waitpoint), Math.min(leftMs, LONGEST_TIMER_MS)).unref();
    if (waitpoint.type === "DATETIME") finish(waitpoint, "COMPLETED", jsonPacket(undefined));
    else finish(waitpoint, "TIMED_OUT", jsonPacket({ message: "Waitpoint timed out" }));
  };
  const sameKey = (key: string | null | undefined) =>
    rows.list().findLast(({ idempotencyKey, idempotencyKeyExpiresAt }) =>
      key != null && idempotencyKey === key && (idempotencyKeyExpiresAt === null || idempotencyKeyExpiresAt > clock())
    );
  return {
    find: (id) => rows.get(id),
    list: () => rows.list().toReversed(),
    create(draft) {
      const known = sameKey(draft.idempotencyKey);
      if (known !== undefined) return { waitpoint: known, isCached: true };
      const waitpoint = rows.add({ ...EMPTY, id: ids.next("waitpoint"), createdAt: clock(), ...draft });
      setClock(waitpoint);
      return { waitpoint, isCached: false };
    },
    complete: (waitpoint, output) => finish(waitpoint, "COMPLETED", output),
    completeStream(inputStream, output) {
      const waiting = rows.list().find((row) => row.inputStream === inputStream && row.status === "WAITING");
      if (waiting !== undefined) finish(waiting, "COMPLETED", output);
    },
    block(waitpoint, runId) {
      if (waitpoint.status !== "WAITING") return resume(runId, asCompleted(waitpoint));
      const runs = blocked.get(waitpoint.id) ?? new Set();
      blocked.set(waitpoint.id, runs.add(runId));
    },
    recover() {
      for (const waitpoint of rows.list()) setClock(waitpoint);
    },
  };
}

const EMPTY = {
  status: "WAITING",
  output: null,
  tags: [],
  idempotencyKey: null,
  idempotencyKeyExpiresAt: null,
  timeoutAt: null,
  completedAt: null,
  inputStream: null,
} as const;

function asCompleted({ id, type, output, status }: Waitpoint): CompletedWaitpoint {
  return { id, type, output, isError: status === "TIMED_OUT" };
}
