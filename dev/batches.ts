/** Batches: runs that were triggered together. A batch is made first, then its items are streamed into it. */

import type { Ids } from "./ids.ts";
import { createKeeping, type Keeping } from "./journal.ts";
import type { BatchBody } from "./run_body.ts";
import { createTable } from "./table.ts";

export interface Batch {
  readonly id: string;
  /** How many items are expected. */
  readonly runCount: number;
  /** The runs by the index of their item; `null` where an item has not come. */
  readonly runIds: readonly (string | null)[];
  readonly idempotencyKey: string | null;
  readonly parentRunId: string | null;
  readonly resumesParent: boolean;
  readonly sealedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

export interface Batches {
  find(id: string): Batch | undefined;
  /** Makes a batch, or gives back the one that was made with the same idempotency key. */
  create(body: BatchBody): { batch: Batch; isCached: boolean };
  /** Puts a run in its place. */
  put(batch: Batch, index: number, runId: string): void;
  /** Closes a batch whose items have all come. */
  seal(batch: Batch): void;
}

export function createBatches(ids: Ids, clock: () => Date, keeping: Keeping = createKeeping(undefined)): Batches {
  const rows = createTable<Batch>(keeping, "batches", ["sealedAt", "createdAt", "updatedAt"]);
  return {
    find: (id) => rows.get(id),
    create({ runCount, idempotencyKey, parentRunId, resumeParentOnCompletion }) {
      const known = rows.list().find((batch) =>
        idempotencyKey !== undefined && batch.idempotencyKey === idempotencyKey
      );
      if (known !== undefined) return { batch: known, isCached: true };
      const now = clock();
      const batch = rows.add({
        id: ids.next("batch"),
        runCount,
        runIds: Array<null>(runCount).fill(null),
        idempotencyKey: idempotencyKey ?? null,
        parentRunId: parentRunId ?? null,
        resumesParent: resumeParentOnCompletion ?? false,
        sealedAt: null,
        createdAt: now,
        updatedAt: now,
      });
      return { batch, isCached: false };
    },
    put(batch, index, runId) {
      rows.change(batch, { runIds: batch.runIds.with(index, runId), updatedAt: clock() });
    },
    seal(batch) {
      rows.change(batch, { sealedAt: clock(), updatedAt: clock() });
    },
  };
}
