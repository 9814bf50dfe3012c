/**
 * How much later chunks arrive that go through a proxy, and how soon a stream begins.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Plan } from "./plan.ts";
import { figure, quantile } from "./stats.ts";
import { openStream, openStreams, type Stream } from "./stream_reader.ts";
import { now, type Source } from "./stream_source.ts";

/** What was seen of one proxy, one number for each run. */
export interface Lags {
  readonly p50Ms: number[];
  readonly p99Ms: number[];
  /** The median of some streams, opened one after another while the others are open. */
  readonly firstByteMs: number[];
}

/** A proxy with an upstream of its own. */
export interface Line {
  readonly source: Source;
  readonly port: number;
}

/** Chunks for each stream and second: as many as a model's answer has where words come in bunches. */
const CHUNKS_PER_SECOND = 2;
const OPENED = 15;

/** Times chunks and first bytes through some proxies, in turn. All their streams stay open meanwhile. */
export async function lagsOf(lines: readonly Line[], { runs, streams, chunkSeconds }: Plan): Promise<Lags[]> {
  const found = lines.map((): Lags => ({ p50Ms: [], p99Ms: [], firstByteMs: [] }));
  let lags: number[] = [];
  const opened: Stream[] = [];
  try {
    for (const { port } of lines) opened.push(...await openStreams(port, streams, (lag) => lags.push(lag)));
    for (let run = -1; run < runs; run++) {
      for (let turn = 0; turn < lines.length; turn++) {
        const i = (turn + run + 1) % lines.length;
        const { source, port } = lines[i]!;
        lags = [];
        await emitEvenly(source, streams * CHUNKS_PER_SECOND, chunkSeconds);
        const sorted = lags.sort((a, b) => a - b);
        const firstByteMs = await firstByte(port);
        if (run < 0) continue;
        found[i]!.p50Ms.push(quantile(sorted, 0.5));
        found[i]!.p99Ms.push(quantile(sorted, 0.99));
        found[i]!.firstByteMs.push(firstByteMs);
      }
    }
  } finally {
    await Promise.all(opened.map((stream) => stream.close()));
  }
  return found;
}

/** Writes chunks one after another, at even distances as far as timers go, and waits for the last of them. */
async function emitEvenly({ emit }: Source, perSecond: number, seconds: number): Promise<void> {
  const began = now();
  const all = Math.round(perSecond * seconds);
  for (let sent = 0; sent < all;) {
    await sleep(1);
    const due = Math.min(all, Math.floor((now() - began) / 1000 * perSecond));
    emit(due - sent);
    sent = due;
  }
  await sleep(150);
}

async function firstByte(port: number): Promise<number> {
  const times: number[] = [];
  for (let i = 0; i < OPENED; i++) {
    const stream = await openStream(port, () => {});
    times.push(stream.firstByteMs);
    await stream.close();
  }
  return figure(times).median;
}
