// deno-lint-ignore-file no-console -- a server speaks to whoever runs it
/**
 * The log that an environment asks for.
 *
 * @module
 */
import type { Options } from "../src/options.ts";
import { jsonLog, type Observer, watch } from "../src/watch.ts";
import type { Setup } from "./_environment.ts";

/** The options by which requests are watched: by the log, where there is to be one, and by whoever else is given. */
export function watching({ log }: Setup, others: readonly Observer[] = []): Pick<Options, "watch"> {
  const observers = log === "json" ? [jsonLog((line) => console.log(line)), ...others] : others;
  return observers.length === 0 ? {} : { watch: watch(observers) };
}
