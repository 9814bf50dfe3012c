/**
 * Medians and how far the runs lie apart.
 *
 * @module
 */

/** What several runs of one thing came to. */
export interface Figure {
  readonly median: number;
  /** The least and the greatest of the runs. */
  readonly low: number;
  readonly high: number;
  readonly runs: number;
}

/** The middle of `values`, and their spread. There is at least one. */
export function figure(values: readonly number[]): Figure {
  const sorted = [...values].sort((a, b) => a - b);
  return { median: quantile(sorted, 0.5), low: sorted[0]!, high: sorted.at(-1)!, runs: sorted.length };
}

/** The quotients of two series, run by run: what one run was slowed by slowed its neighbour, too. */
export function ratios(over: readonly number[], under: readonly number[]): Figure {
  return figure(over.map((value, run) => value / under[run]!));
}

/** The value below which `part` (0 to 1) of the sorted values lie. */
export function quantile(sorted: readonly number[], part: number): number {
  const at = (sorted.length - 1) * part;
  const low = sorted[Math.floor(at)]!;
  return low + (sorted[Math.ceil(at)]! - low) * (at - Math.floor(at));
}
