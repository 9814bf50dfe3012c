/**
 * Event streams through edgestamp, over the null proxy.
 *
 * @module
 */
import { type Contender, FASTEST } from "../contenders.ts";
import { startContender } from "../load.ts";
import type { Plan } from "../plan.ts";
import type { Runtime, Server } from "../processes.ts";
import type { Row } from "../rows.ts";
import { figure, ratios } from "../stats.ts";
import { lagsOf, type Line } from "../stream_lags.ts";
import { type Idle, memoryOf } from "../stream_memory.ts";
import { startSource } from "../stream_source.ts";

const PROXIES = ["null", "edgestamp"] as const;

/** Each takes a server that nothing was done to before. */
const MEMORY_RUNS = 5;

/** Measures streams on one runtime. */
export async function streamRows(plan: Plan, runtime: Runtime): Promise<Row[]> {
  return [...await lagRows(plan, runtime), ...await memoryRows(plan, runtime)];
}

/** A proxy, and an upstream that only it has. */
interface Pair extends Line {
  readonly server: Server;
}

async function startPair(runtime: Runtime, contender: Contender, collects: boolean): Promise<Pair> {
  const source = await startSource();
  const upstream = `http://127.0.0.1:${source.port}`;
  const server = await startContender(runtime, { contender, upstream, handing: FASTEST[runtime]!, collects });
  return { source, server, port: server.port };
}

async function stopPair({ source, server }: Pair): Promise<void> {
  await server.stop();
  await source.stop();
}

async function lagRows(plan: Plan, runtime: Runtime): Promise<Row[]> {
  const pairs = await Promise.all(PROXIES.map((contender) => startPair(runtime, contender, false)));
  try {
    const [none, own] = await lagsOf(pairs, plan);
    const added = (part: "p50Ms" | "p99Ms"): number[] => own![part].map((lag, run) => lag - none![part][run]!);
    const row = { case: `${plan.streams} streams`, runtime };
    return [
      { ...row, measure: "lag added to a chunk, p50", unit: "ms", figure: figure(added("p50Ms")) },
      {
        ...row,
        measure: "lag added to a chunk, p99",
        unit: "ms",
        figure: figure(added("p99Ms")),
        target: { atMost: 5 },
      },
      { ...row, measure: "lag of a chunk, p99", unit: "ms", figure: figure(own!.p99Ms) },
      { ...row, measure: "the same through the null proxy", unit: "ms", figure: figure(none!.p99Ms) },
      {
        ...row,
        case: "one more stream",
        measure: "first byte ÷ null's",
        unit: "×",
        figure: ratios(own!.firstByteMs, none!.firstByteMs),
      },
      { ...row, case: "one more stream", measure: "first byte", unit: "ms", figure: figure(own!.firstByteMs) },
    ];
  } finally {
    await Promise.all(pairs.map(stopPair));
  }
}

async function memoryRows({ runs, idleStreams }: Plan, runtime: Runtime): Promise<Row[]> {
  const found = { null: [] as Idle[], edgestamp: [] as Idle[] };
  for (let run = 0; run < Math.min(runs, MEMORY_RUNS); run++) {
    for (const contender of PROXIES) {
      const pair = await startPair(runtime, contender, true);
      try {
        found[contender].push(await memoryOf(pair.server, idleStreams));
      } finally {
        await stopPair(pair);
      }
    }
  }
  return idleStreams.flatMap((count, i): Row[] => {
    const row = { case: count === 1 ? "1 idle stream" : `${count} idle streams`, runtime };
    const whole = PROXIES.map((one) => found[one].map(({ wholeBytes }) => wholeBytes[i]!)) as [number[], number[]];
    if (count === 1) {
      // A single stream takes less than what a process's memory changes by on its own.
      return [{ ...row, measure: "whole process ÷ null's", unit: "×", figure: ratios(whole[1], whole[0]) }];
    }
    const each = PROXIES.map((one) =>
      found[one].map(({ emptyBytes, wholeBytes }) => (wholeBytes[i]! - emptyBytes) / count / 1024)
    ) as [number[], number[]];
    return [
      {
        ...row,
        measure: "memory of each ÷ null's",
        unit: "×",
        figure: ratios(each[1], each[0]),
        target: { atMost: 1.1 },
      },
      { ...row, measure: "memory of each", unit: "KiB", figure: figure(each[1]) },
    ];
  });
}
