/**
 * What a runtime is told to time.
 *
 * @module
 */
import type { Texture } from "./bodies.ts";
import type { Keys } from "./contenders.ts";
import type { Contest } from "./contest.ts";
import { growthContests } from "./growth_contests.ts";
import { sealContests } from "./seal_contests.ts";
import { spliceContest } from "./splice_contests.ts";

/** Which contests. */
export type Job =
  | { readonly section: "splice"; readonly bodies: readonly (readonly [Texture, number])[] }
  | { readonly section: "growth"; readonly parts: readonly string[] }
  | { readonly section: "seal"; readonly keys: Keys };

/** The contests of a job. */
export function contestsOf(job: Job): Contest[] {
  switch (job.section) {
    case "splice":
      return job.bodies.map(([texture, bytes]) => spliceContest(texture, bytes));
    case "growth":
      return growthContests().filter(({ name }) => job.parts.some((part) => name.startsWith(part)));
    case "seal":
      return sealContests(job.keys);
  }
}
