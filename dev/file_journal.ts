/**
 * A journal in one file: a line of JSON for each change, appended before the change is answered for.
 *
 * It survives the death of its process at any moment. A line that was cut off is the only thing that can be lost, and
 * nobody was told that it was kept. With `sync` it survives the death of the machine as well, and is slower by far.
 */

import * as fs from "node:fs";
import type { Entry, Journal } from "./journal.ts";

/** What `openJournal` can be told. */
export interface FileJournalOptions {
  /** Waits for the disk on every change. */
  readonly sync?: boolean;
}

/** Opens the journal in `path`, which is made where it does not exist. Throws where it is open already, here or elsewhere. */
export function openJournal(path: string, { sync = false }: FileJournalOptions = {}): Journal {
  const unlock = lock(`${path}.lock`);
  let file = fs.openSync(path, "a");
  const append = (text: string) => {
    // One call writes the whole line, or fails: a partial write is completed by hand.
    const bytes = new TextEncoder().encode(text);
    for (let at = 0; at < bytes.length;) at += fs.writeSync(file, bytes, at);
  };
  return {
    read: () => readLines(path),
    write(entry) {
      append(`${JSON.stringify(entry)}\n`);
      if (sync) fs.fsyncSync(file);
    },
    rewrite(entries) {
      const next = `${path}.next`;
      const before = file;
      file = fs.openSync(next, "w");
      for (const entry of entries) append(`${JSON.stringify(entry)}\n`);
      fs.fsyncSync(file);
      // A rename happens, or does not: the journal is never half of each.
      fs.renameSync(next, path);
      fs.closeSync(before);
    },
    close() {
      fs.closeSync(file);
      unlock();
    },
  };
}

function* readLines(path: string): Generator<Entry> {
  const lines = fs.readFileSync(path, "utf8").split("\n");
  // Every line that was written whole ends in a line break, so the last piece is empty, or was cut off.
  lines.pop();
  for (const [index, line] of lines.entries()) {
    try {
      yield JSON.parse(line) as Entry;
    } catch {
      throw new Error(`The journal ${path} is damaged in line ${index + 1}: mend that line, or move the file away`);
    }
  }
}

/** Two that append to one journal would spoil it. A lock whose process is dead is taken over. */
function lock(path: string): () => void {
  const [holder, began] = fs.existsSync(path) ? fs.readFileSync(path, "utf8").split(" ").map(Number) : [];
  // In a container, the process before this one may have had the same id.
  const isHeld = holder === process.pid ? began === performance.timeOrigin : holder !== undefined && isAlive(holder);
  if (isHeld) throw new Error(`The journal is in use by process ${holder}: end that process, or choose another file`);
  fs.writeFileSync(path, `${process.pid} ${performance.timeOrigin}`);
  return () => fs.rmSync(path, { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // The process is there, but another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
