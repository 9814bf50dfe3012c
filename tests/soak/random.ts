/**
 * Decisions that a seed fixes. Each is drawn for a name and not in turn, so that it stays the same however
 * the runs of two machines interleave.
 */
import { createHash } from "node:crypto";

/** Draws for one seed. */
export interface Draws {
  /** A number from 0 to below 1. */
  number(...name: readonly (string | number)[]): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number, ...name: readonly (string | number)[]): number;
  /** One of the keys of `weights`, each as often as it weighs. */
  pick<K extends string>(weights: Readonly<Record<K, number>>, ...name: readonly (string | number)[]): K;
}

/** The draws of a seed. */
export function drawsOf(seed: string): Draws {
  const number: Draws["number"] = (...name) =>
    createHash("sha256").update([seed, ...name].join("\n")).digest().readUIntBE(0, 6) / 2 ** 48;
  return {
    number,
    between: (low, high, ...name) => low + Math.floor(number(...name) * (high - low + 1)),
    pick(weights, ...name) {
      const entries = Object.entries<number>(weights) as [keyof typeof weights, number][];
      let left = number(...name) * entries.reduce((sum, [, weight]) => sum + weight, 0);
      return entries.find(([, weight]) => (left -= weight) < 0)?.[0] ?? entries.at(-1)![0];
    },
  };
}
