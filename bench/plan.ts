/**
 * How much is measured.
 *
 * @module
 */
import type { Runtime } from "./processes.ts";
import type { Row } from "./rows.ts";

/** How often and how long everything is done. */
export interface Plan {
  readonly runtimes: readonly Runtime[];
  /** Runs that a median is taken of. */
  readonly runs: number;
  /** How long one contestant runs at a time, in milliseconds. */
  readonly sliceMs: number;
  /** How long one proxy is loaded at a time. */
  readonly loadSeconds: number;
  /** How long the chunks of one proxy's streams are timed at a time. */
  readonly chunkSeconds: number;
  /** How many streams are open when chunks are timed. */
  readonly streams: number;
  /** How many idle streams are open when memory is looked at. */
  readonly idleStreams: readonly number[];
}

/** What `npm run bench` does, in about a quarter of an hour. */
export const FULL: Omit<Plan, "runtimes"> = {
  runs: 7,
  sliceMs: 25,
  loadSeconds: 0.5,
  chunkSeconds: 1,
  streams: 1000,
  idleStreams: [1, 1000, 5000],
};

/** What `--quick` does: enough to see that all of it works, and where it stands. */
export const QUICK: Omit<Plan, "runtimes"> = {
  runs: 3,
  sliceMs: 8,
  loadSeconds: 0.25,
  chunkSeconds: 0.4,
  streams: 200,
  idleStreams: [1, 300],
};

/** One part of a run. */
export interface Part {
  readonly title: string;
  rows(plan: Plan, runtime: Runtime): Promise<Row[]>;
  /** Left out unless it is named. */
  readonly onlyWhenAsked?: boolean;
}
