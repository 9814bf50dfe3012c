/**
 * Puts a proxy under a steady load and watches it: appends at a fixed rate while event streams are open.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";
import { type Contender, FASTEST } from "../../bench/contenders.ts";
import { startContender } from "../../bench/load.ts";
import { cpuMs, ENVIRONMENT, residentBytes, startProgram } from "../../bench/processes.ts";
import type { Outcome, Wanted } from "./generator.ts";
import type { Counts } from "./sink.ts";

/** How much, and for how long. */
export type Load = Omit<Wanted, "port">;

/** What a proxy did under a load. */
export interface Watched extends Outcome {
  readonly counts: Counts;
  /** The processor's time of the proxy, in microseconds for each append, events included. */
  readonly cpuMicros: number;
  /** What the proxy had to itself, in MiB, once each second of the load. */
  readonly memoryMib: readonly number[];
}

/** Starts an upstream and a contender, loads it, and ends both. */
export async function runLoad(runtime: "bun" | "deno" | "node", contender: Contender, load: Load): Promise<Watched> {
  const sink = await startProgram("bun", "../tests/load/sink.ts", {});
  const upstream = `http://127.0.0.1:${sink.port}`;
  const server = await startContender(runtime, { contender, upstream, handing: FASTEST[runtime]! });
  try {
    const child = spawn("bun", [
      path.join(import.meta.dirname, "generator.ts"),
      JSON.stringify({ ...load, port: server.port }),
    ], {
      env: ENVIRONMENT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = once(child, "close");
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    // Its first line says that the streams are open.
    await lines.next();
    const before = await cpuMs(server.pid);
    const memoryMib: number[] = [];
    const sample = async (): Promise<void> => void memoryMib.push(await residentBytes(server.pid) / 2 ** 20);
    const clock = setInterval(() => void sample(), 1_000);
    const { value } = await lines.next();
    clearInterval(clock);
    const cpu = await cpuMs(server.pid) - before;
    const counts = await (await fetch(`${upstream}/counts`)).json() as Counts;
    await ended;
    if (value === undefined) throw new Error("the generator ended without a word");
    const outcome = JSON.parse(value) as Outcome;
    return { ...outcome, counts, memoryMib, cpuMicros: cpu * 1000 / outcome.sent };
  } finally {
    await Promise.all([server.stop(), sink.stop()]);
  }
}

/** The mean of what there is, 0 of nothing. */
export function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}
