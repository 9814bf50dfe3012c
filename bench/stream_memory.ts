/**
 * How much memory a proxy takes for streams that are open and idle.
 *
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { COLLECT } from "./contenders.ts";
import { residentBytes, type Server } from "./processes.ts";
import { openStreams, type Stream } from "./stream_reader.ts";

/** Private memory of a proxy's process. */
export interface Idle {
  /** With no stream, after some were opened and closed. */
  readonly emptyBytes: number;
  /** With so many streams as were asked for, one by one. */
  readonly wholeBytes: readonly number[];
}

/** Enough that all code which streams need has run. */
const WARM_UP = 200;

/** Opens streams through a proxy, up to each of the counts, and looks at its memory. Garbage is collected before. */
export async function memoryOf(server: Server, counts: readonly number[]): Promise<Idle> {
  const streams: Stream[] = [];
  const reach = async (count: number): Promise<number> => {
    streams.push(...await openStreams(server.port, count - streams.length, () => {}));
    return await settled(server);
  };
  try {
    await reach(WARM_UP);
    await Promise.all(streams.splice(0).map((stream) => stream.close()));
    const emptyBytes = await settled(server);
    const wholeBytes: number[] = [];
    for (const count of counts) wholeBytes.push(await reach(count));
    return { emptyBytes, wholeBytes };
  } finally {
    await Promise.all(streams.map((stream) => stream.close()));
  }
}

async function settled({ port, pid }: Server): Promise<number> {
  await sleep(100);
  for (let round = 0; round < 2; round++) {
    const response = await fetch(`http://127.0.0.1:${port}${COLLECT}`);
    if (await response.text() !== "collected") {
      throw new Error("A server did not collect its garbage: start it so that it does");
    }
    await sleep(50);
  }
  return await residentBytes(pid);
}
