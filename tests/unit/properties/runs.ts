/**
 * How properties are run: with a seed that is printed each time. `FC_SEED` repeats a run, `FC_PATH` one counterexample
 * of it, `FC_RUNS` makes it longer or shorter.
 */
import * as fc from "fast-check";

interface Process {
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A setting of the environment, on runtimes that have one and show it. */
export function setting(name: string): string | undefined {
  try {
    return (globalThis as { process?: Process }).process?.env[name];
  } catch {
    return undefined;
  }
}

/** How often a property is tried: `FC_RUNS`, or `usual`. */
export function runsOf(usual: number): number {
  return Number(setting("FC_RUNS") ?? usual);
}

/** Tries a property `runs` times (or `FC_RUNS`), and says with which seed. */
export async function check<T>(
  name: string,
  property: fc.IAsyncProperty<T> | fc.IProperty<T>,
  runs: number,
): Promise<void> {
  const seed = Number(setting("FC_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const path = setting("FC_PATH");
  const numRuns = runsOf(runs);
  console.log(`# ${name}: FC_SEED=${seed} FC_RUNS=${numRuns}`);
  await fc.assert(property as fc.IAsyncProperty<T>, { seed, numRuns, ...(path === undefined ? {} : { path }) });
}
