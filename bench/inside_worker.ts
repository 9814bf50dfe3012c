/**
 * Runs contests inside workerd, where clocks stand still while code runs: each request lets one
 * contestant go so many times, and whoever asks takes the time.
 *
 * @module
 */
import { type Contest, go } from "./contest.ts";
import { contestsOf, type Job } from "./jobs.ts";

/** `goes` is left out to ask which contests there are. */
export interface Ask {
  readonly job: Job;
  readonly contest?: number;
  readonly position?: number;
  readonly goes?: number;
}

interface Env {
  /** Kept between requests. */
  readonly kept?: unknown;
}

const made = new Map<string, Contest[]>();

export default {
  async fetch(request: Request, _env: Env): Promise<Response> {
    const { job, contest = 0, position = 0, goes } = await request.json() as Ask;
    const key = JSON.stringify(job);
    const contests = made.get(key) ?? contestsOf(job);
    made.set(key, contests);
    if (goes !== undefined) await go(contests[contest]!.contestants[position]!, goes);
    return Response.json(
      contests.map(({ name, contestants }) => ({ name, names: contestants.map((one) => one.name) })),
    );
  },
};
