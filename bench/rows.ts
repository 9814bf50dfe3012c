/**
 * What the benchmarks find: one row for each case, measure and runtime.
 *
 * @module
 */
import type { Runtime } from "./processes.ts";
import type { Figure } from "./stats.ts";

/** What a figure has to reach. */
export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** How a figure is to be read. `×` is a ratio. */
export type Unit = "×" | "µs" | "ms" | "KiB" | "MiB";

/** One figure. */
export interface Row {
  /** What was done, such as `text 4 KiB`. */
  readonly case: string;
  /** What was measured; a ratio says what is held against what, such as `reference ÷ splice`. */
  readonly measure: string;
  readonly unit: Unit;
  readonly runtime: Runtime;
  readonly figure: Figure;
  readonly target?: Target | undefined;
}

/** Whether a figure's median is as its target says. */
export function isMet({ figure, target }: Row): boolean {
  if (target === undefined) return true;
  return "atLeast" in target ? figure.median >= target.atLeast : figure.median <= target.atMost;
}

/** A size as the tables say it; what is not quite a MiB leaves room for the stamp. */
export function sizeName(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const kib = Math.round(bytes / 1024);
  return kib >= 1023 ? "1 MiB" : `${kib} KiB`;
}
