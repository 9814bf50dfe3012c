/** What survives a restart: every change is written down as it happens, and read again at the start. */

/** One change: whose it is, and what its keeper needs to make it again. */
export type Entry = readonly [keeper: string, change: unknown];

/** Where changes are written down. `openJournal` in `file_journal.ts` is the one on disk. */
export interface Journal {
  /** Everything that was written before, oldest first. Called once, before anything is written. */
  read(): Iterable<Entry>;
  /** Writes one change down before it returns. */
  write(entry: Entry): void;
  /** Replaces everything that was written by these. A crash in between leaves either all of the old or all of the new. */
  rewrite(entries: Iterable<Entry>): void;
  close(): void;
}

/** Something that keeps state. */
export interface Keeper {
  /** Makes a change again that was made before the restart. */
  replay(change: unknown): void;
  /** The changes that lead to the present state, as few as there need be. */
  changes(): Iterable<unknown>;
}

export interface Keeping {
  /** Takes a keeper in, and gives it its pen. Names are the keepers' own, and stay the same over restarts. */
  keep(name: string, keeper: Keeper): (change: unknown) => void;
  /** Reads the journal. Once, after every keeper is in. */
  restore(): void;
}

export function createKeeping(journal: Journal | undefined): Keeping {
  const keepers = new Map<string, Keeper>();
  return {
    keep(name, keeper) {
      keepers.set(name, keeper);
      return (change) => journal?.write([name, change]);
    },
    restore() {
      if (journal === undefined) return;
      for (const [name, change] of journal.read()) keepers.get(name)?.replay(change);
      // What was written piece by piece is written once more in as few pieces as it takes: so the file does not only grow.
      journal.rewrite(everything(keepers));
    },
  };
}

function* everything(keepers: ReadonlyMap<string, Keeper>): Generator<Entry> {
  for (const [name, keeper] of keepers) {
    for (const change of keeper.changes()) yield [name, change];
  }
}
