/**
 * Has contests run inside a runtime, and brings their times out.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Effort, time, type Times } from "./contest.ts";
import type { Ask } from "./inside_worker.ts";
import type { Job } from "./jobs.ts";
import { commandOf, cpuMs, ENVIRONMENT, type Runtime, startWorker } from "./processes.ts";

const run = promisify(execFile);

/** Times by contest. */
export type Contests = Readonly<Record<string, Times>>;

/** Runs the contests of a job on a runtime. */
export async function runInside(runtime: Runtime, job: Job, effort: Effort): Promise<Contests> {
  if (runtime === "workerd") return await runInWorkerd(job, effort);
  const [command, ...args] = commandOf(runtime, "inside.ts", [job, effort]) as [string, ...string[]];
  const { stdout } = await run(command, args, { env: ENVIRONMENT, maxBuffer: 1 << 26 });
  return JSON.parse(stdout) as Contests;
}

/** Clocks stand still while a Worker's code runs, so Linux says what it took; what asking takes is taken off. */
async function runInWorkerd(job: Job, effort: Effort): Promise<Contests> {
  const server = await startWorker("inside_worker.ts", "UNUSED", null);
  const ask = async (question: Ask): Promise<{ name: string; names: string[] }[]> => {
    const response = await fetch(`http://127.0.0.1:${server.port}/`, {
      method: "POST",
      body: JSON.stringify(question),
    });
    if (!response.ok) throw new Error(`The Worker failed: ${await response.text()}`);
    return await response.json() as { name: string; names: string[] }[];
  };
  try {
    const contests = await ask({ job });
    const results: Record<string, Times> = {};
    for (const [contest, { name, names }] of contests.entries()) {
      results[name] = await time(names, effort, async (position, goes) => {
        const before = await cpuMs(server.pid);
        await ask({ job, contest, position, goes });
        return await cpuMs(server.pid) - before;
      });
    }
    return results;
  } finally {
    await server.stop();
  }
}
