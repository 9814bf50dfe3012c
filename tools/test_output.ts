/**
 * How many tests a run had, read from what the runtimes' test runners print. A run that says nothing
 * of tests, or had none, counts as one failure: it proved nothing.
 */
import { stripVTControlCharacters } from "node:util";

/** How a suite went. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** Reads a suite's whole output. */
export type Reader = (output: string, exitCode: number | null) => Counts;

/** `node --test`'s spec reporter. A file without tests is a pass to it, called by its own name: not to us. */
export const readNode: Reader = (output) => {
  const count = (what: string): number => sum(output, new RegExp(`^ℹ ${what} (\\d+)$`, "gm"));
  const hollow = [...output.matchAll(/^✔ \S+\.test\.ts \(/gm)].length;
  return {
    passed: count("pass") - hollow,
    failed: count("fail") + count("cancelled") + hollow,
    skipped: count("skipped") + count("todo"),
  };
};

/** `deno test`: a suite of `node:test` is a test to it, and what is in the suite its steps. */
export const readDeno: Reader = (output) => {
  const summary = /^.*\d+ passed.* \| \d+ failed.*$/m.exec(output)?.[0] ?? "";
  const steps = (what: string): number =>
    Number(new RegExp(`\\d+ ${what} \\((\\d+) steps?\\)`).exec(summary)?.[1] ?? 0);
  const suites = new Set([...output.matchAll(/^(\S.*) \.\.\.$/gm)].map(([, name]) => name));
  const alone = (ending: string): number =>
    [...output.matchAll(new RegExp(`^(\\S.*) \\.\\.\\. ${ending}\\b`, "gm"))].filter(([, name]) => !suites.has(name))
      .length;
  return {
    passed: steps("passed") + alone("ok"),
    failed: steps("failed") + alone("FAILED"),
    skipped: steps("ignored") + alone("ignored"),
  };
};

/** `bun test`. */
export const readBun: Reader = (output) => ({
  passed: sum(output, /^ *(\d+) pass$/gm),
  failed: sum(output, /^ *(\d+) fail$/gm),
  skipped: sum(output, /^ *(\d+) (?:skip|todo)$/gm),
});

/** `N passed, N failed, N skipped`, once for each run. */
export const readPlain: Reader = (output) => ({
  passed: sum(output, /^(\d+) passed, /gm),
  failed: sum(output, /^\d+ passed, (\d+) failed/gm),
  skipped: sum(output, /^\d+ passed, \d+ failed, (\d+) skipped$/gm),
});

/** A command that has no tests to count: it passes or it does not. */
export const readNothing: Reader = (_, exitCode) => ({
  passed: exitCode === 0 ? 1 : 0,
  failed: exitCode === 0 ? 0 : 1,
  skipped: 0,
});

function sum(output: string, pattern: RegExp): number {
  return [...output.matchAll(pattern)].reduce((total, [, number]) => total + Number(number), 0);
}

/** Counts a run, by its output and by how it ended. */
export function judge(read: Reader, output: string, exitCode: number | null): Counts {
  // Colours would hide the numbers.
  const counts = read(stripVTControlCharacters(output), exitCode);
  const isHollow = counts.passed + counts.failed + counts.skipped === 0;
  const isWrong = exitCode !== 0 && counts.failed === 0;
  return isHollow || isWrong ? { ...counts, failed: 1 } : counts;
}
