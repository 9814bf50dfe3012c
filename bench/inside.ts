/**
 * Runs contests inside Node, Deno or Bun, and prints their times. On workerd, `inside_worker.ts` does.
 *
 * @module
 */
import process from "node:process";
import { type Effort, go, time, type Times } from "./contest.ts";
import { contestsOf, type Job } from "./jobs.ts";

const [job, effort] = JSON.parse(process.argv[2]!) as [Job, Effort];
const times: Record<string, Times> = {};
for (const { name, contestants } of contestsOf(job)) {
  times[name] = await time(contestants.map((contestant) => contestant.name), effort, async (position, goes) => {
    const began = process.cpuUsage();
    await go(contestants[position]!, goes);
    const { user, system } = process.cpuUsage(began);
    return (user + system) / 1000;
  });
}
console.log(JSON.stringify(times));
