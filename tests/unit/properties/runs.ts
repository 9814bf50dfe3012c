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

/**
 * Tries a property `runs` times, and says with which seed. `FC_RUNS` sets another number; a property that takes long
 * for each run takes a `share` of it.
 */
export async function check<T>(
  name: string,
  property: fc.IAsyncProperty<T> | fc.IProperty<T>,
  runs: number,
  share = 1,
): Promise<void> {
  const seed = Number(setting("FC_SEED") ?? Math.floor(Math.random() * 2 ** 31));
  const path = setting("FC_PATH");
  const asked = setting("FC_RUNS");
  const numRuns = asked === undefined ? runs : Math.ceil(Number(asked) * share);
  console.log(`# ${name}: FC_SEED=${seed} FC_RUNS=${asked ?? runs}`);
  await fc.assert(property as fc.IAsyncProperty<T>, { seed, numRuns, ...(path === undefined ? {} : { path }) });
}
