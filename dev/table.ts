/** Rows under their ids. Each change is written down, so that a restart finds the same rows. */

import type { Keeping } from "./journal.ts";

export interface Row {
  readonly id: string;
}

export interface Table<R extends Row> {
  get(id: string): R | undefined;
  /** Every row, oldest first. */
  list(): readonly R[];
  add(row: R): R;
  /** Changes a row where it is: whoever holds it sees the change. */
  change(row: R, patch: Partial<R>): R;
}

/** `dates` names the columns that hold a `Date`, which JSON does not bring back. `undefined` is no column's value. */
export function createTable<R extends Row>(
  keeping: Keeping,
  name: string,
  dates: readonly (keyof R & string)[],
): Table<R> {
  const rows = new Map<string, R>();
  const revive = (change: Record<string, unknown>): Record<string, unknown> => {
    for (const column of dates) {
      if (typeof change[column] === "string") change[column] = new Date(change[column]);
    }
    return change;
  };
  const write = keeping.keep(name, {
    replay(change) {
      const patch = revive(change as Record<string, unknown>) as unknown as R;
      const known = rows.get(patch.id);
      if (known === undefined) rows.set(patch.id, patch);
      else Object.assign(known, patch);
    },
    changes: () => rows.values(),
  });
  return {
    get: (id) => rows.get(id),
    list: () => [...rows.values()],
    add(row) {
      rows.set(row.id, row);
      write(row);
      return row;
    },
    change(row, patch) {
      Object.assign(row, patch);
      write({ ...patch, id: row.id });
      return row;
    },
  };
}
