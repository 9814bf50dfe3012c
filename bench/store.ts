/**
 * What was measured, in a file.
 *
 * @module
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { ROOT } from "./processes.ts";
import type { Row } from "./rows.ts";

/** One part's rows, and when and on what they were measured. */
export interface Section {
  readonly title: string;
  /** ISO 8601. */
  readonly measuredAt: string;
  readonly machine: string;
  /** Whether it was a quick run, whose figures are no proof. */
  readonly quick: boolean;
  readonly rows: readonly Row[];
}

/** Sections by part. */
export type Results = Readonly<Record<string, Section>>;

/** Where it is, below the repository; git ignores it. */
export const FILE = ".artifacts/bench.json";

/** What was measured so far; nothing where there is no file. */
export async function readResults(): Promise<Results> {
  try {
    return JSON.parse(await readFile(path.join(ROOT, FILE), "utf8")) as Results;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return {};
    throw error;
  }
}

/** Writes one part's section; the others stay. */
export async function writeSection(part: string, section: Section): Promise<void> {
  const results = { ...await readResults(), [part]: section };
  await mkdir(path.join(ROOT, path.dirname(FILE)), { recursive: true });
  await writeFile(path.join(ROOT, FILE), JSON.stringify(results, null, 1));
}

/** The machine, as far as figures depend on it. */
export function machine(): string {
  const cpus = os.cpus();
  const memory = Math.round(os.totalmem() / 2 ** 30);
  return `${cpus.length} × ${cpus[0]?.model.trim() ?? "unknown"}, ${memory} GiB, ${os.type()} ${os.release()}`;
}
