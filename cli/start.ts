/**
 * `edgestamp start`: the ready server on Node, by the environment.
 *
 * @module
 */
import { parseArgs } from "node:util";
import type { ExitCode } from "./terminal.ts";

/** What the command does, for `edgestamp start --help`. */
export const HELP = `Usage: edgestamp start

Runs the ready server on Node, as the environment says: TRIGGER_API_UPSTREAM, EDGE_ALLOWED_ORIGINS, EDGE_SEAL,
EDGE_SEAL_KEY, EDGE_TRUST, HOST (0.0.0.0), PORT (3000) and others. docs/configuration.md has them all.
A value that cannot be used is named in one line, and nothing is started.

SIGTERM and SIGINT let open requests end. As a service, run the file itself, without npx between:
node node_modules/edgestamp/dist/adapters/node.js`;

/** Runs until it is told to stop; the server ends its process itself. Throws a `TypeError` for any argument. */
export async function run(args: string[]): Promise<ExitCode> {
  parseArgs({ args, options: {} });
  const { serve } = await import("../adapters/node.ts");
  const { runUntilStopped } = await import("../adapters/_server.ts");
  await runUntilStopped(serve);
  return await new Promise<never>(() => {});
}
