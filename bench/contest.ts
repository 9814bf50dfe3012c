/**
 * Times contestants against one another, run after run in turn. What is timed is the processor's time
 * of the whole process, its compiler's and collector's threads included: other processes hardly move it.
 *
 * @module
 */

/** One thing to time. What it gives is used, so that no engine leaves the work out. */
export interface Contestant {
  readonly name: string;
  run(): string | number | Promise<string | number>;
}

/** Contestants that do the same work. */
export interface Contest {
  readonly name: string;
  readonly contestants: readonly Contestant[];
}

/** How long and how often to time. */
export interface Effort {
  readonly runs: number;
  /** How long one run of one contestant is to take, in milliseconds. */
  readonly sliceMs: number;
}

/** Nanoseconds for one go, by contestant, one for each run. */
export type Times = Readonly<Record<string, readonly number[]>>;

/** Lets the contestant at a position go so many times, and gives the milliseconds that it took. */
export type Measure = (position: number, goes: number) => number | Promise<number>;

/** Times the contestants of these names. */
export async function time(names: readonly string[], { runs, sliceMs }: Effort, measure: Measure): Promise<Times> {
  const goes: number[] = [];
  for (const position of names.keys()) goes.push(await goesIn(position, sliceMs, measure));
  const times: Record<string, number[]> = {};
  for (let round = 0; round < runs; round++) {
    for (const [position, name] of names.entries()) {
      const elapsedMs = await measure(position, goes[position]!);
      (times[name] ??= []).push(elapsedMs * 1e6 / goes[position]!);
    }
  }
  return times;
}

/** How many goes fill a slice. Finding out warms the engine up: five slices pass before the count is believed. */
async function goesIn(position: number, sliceMs: number, measure: Measure): Promise<number> {
  let goes = 1;
  for (let full = 0; full < 5;) {
    const elapsedMs = await measure(position, goes);
    if (elapsedMs >= sliceMs / 2) full++;
    goes = Math.max(1, Math.round(goes * Math.min(8, sliceMs / Math.max(elapsedMs, sliceMs / 100))));
  }
  return goes;
}

/** Lets a contestant go so many times, one after another. Only what is awaited at all is awaited each time. */
export async function go({ run }: Contestant, goes: number): Promise<void> {
  let seen = 0;
  for (let i = 0; i < goes; i++) {
    const given = run();
    const result = typeof given === "object" ? await given : given;
    // Reading a character makes the engine join what was only noted as to be joined.
    seen += typeof result === "string" ? result.charCodeAt(result.length >> 1) : result;
  }
  if (!Number.isFinite(seen)) throw new Error("A contestant gave no result: mend it");
}
