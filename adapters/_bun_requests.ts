// deno-lint-ignore-file no-console -- a server speaks to whoever runs it
/**
 * How many requests Bun sends at a time: 256, and the next one waits without a word until another has ended. An open
 * stream is such a request, so a proxy would stand still at the 257th reader.
 *
 * Bun reads the variable when its process starts (https://bun.com/docs/runtime/networking/fetch), so a program that
 * finds it unset starts over, in the same process.
 *
 * @module
 */
import process from "node:process";

const VARIABLE = "BUN_CONFIG_MAX_HTTP_REQUESTS";

/** The most that Bun takes. How many there may be is `maxInFlight`'s to say. */
const MOST = "65336";

/** Starts the program over with room for streams, where it has none yet and the runtime can. */
export function makeRoom(): void {
  const { env, execPath, execArgv, argv } = process;
  if (env[VARIABLE] !== undefined || typeof process.execve !== "function") return;
  process.execve(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, [VARIABLE]: MOST });
}

/** Says so where a program of the user's own was started without. */
export function warnOfNoRoom(): void {
  if (process.env[VARIABLE] !== undefined) return;
  console.warn(
    `edgestamp: Bun sends 256 requests at a time, streams included: set ${VARIABLE}=${MOST} where it starts`,
  );
}
