/**
 * `edgestamp doctor`: attacks a deployment, and tells what holds.
 *
 * @module
 */
import process from "node:process";
import { CHECKS } from "./doctor/checks/index.ts";
import { readOptions } from "./doctor/options.ts";
import { progressOn, toJson, toTable } from "./doctor/report.ts";
import { count, examine, type Findings } from "./doctor/run.ts";
import type { ExitCode, Terminal } from "./terminal.ts";

const NAMES = CHECKS.map(({ name }) => name);

/** What the command does, for `edgestamp doctor --help`. */
export const HELP = `Usage: edgestamp doctor <proxy-url> [options]

Attacks a deployment of yours and tells in one table what holds. It calls that one host, and with a secret key the
upstream: there it makes a few sessions, reads what arrived, and closes them. Without a key it tells what can be seen
from outside.

  --secret-key <key>   Trigger.dev's; better by TRIGGER_SECRET_KEY, which no process list shows
  --upstream <url>     Trigger.dev's API; else TRIGGER_API_URL, or https://api.trigger.dev
  --outside            leave the secret key alone, also where TRIGGER_SECRET_KEY is set
  --task <id>          what the sessions are of; by default a task that nobody has, so that nothing is run
  --origin <origin>    the page that is to call the proxy, such as https://app.example.com
  --namespace <key>    the proxy's key, where it is none of __edge, __cf and __trust
  --keys <file|json>   the agent's keys; else EDGE_SEAL_PUBLIC_KEYS or EDGE_SEAL_SECRET_KEYS, or what the proxy serves
  --issuer <name>      who seals, and for whom, where the proxy's seal says otherwise
  --audience <name>
  --skip <names>       checks to leave out, separated by commas
  --timeout <seconds>  for everything together; by default 60
  --json               the same for programs
  --strict             what could not be told counts as what does not hold

Checks: ${NAMES.slice(0, 8).join(", ")},
        ${NAMES.slice(8).join(", ")}.
Ends with 0 where all hold, 1 where one does not, 2 where it could not be examined.`;

/** Runs the command. Throws `Unusable`, or a `TypeError` of one line, for what cannot be used. */
export async function run(args: string[], { stdout, stderr, env }: Terminal): Promise<ExitCode> {
  const options = readOptions(args, env, NAMES);
  const progress = progressOn(stderr);
  const stop = new AbortController();
  const interrupt = (): void => stop.abort();
  // Once: the second time it ends as every program does.
  process.once("SIGINT", interrupt);
  let findings: Findings;
  try {
    findings = await examine(options, progress.step, stop.signal);
  } finally {
    process.off("SIGINT", interrupt);
    progress.clear();
  }
  stdout.write(options.json ? toJson(findings) : toTable(findings, stdout));
  if (count(findings, "broken") > 0) return 1;
  if (findings.isCut) return 2;
  return options.strict && count(findings, "unknown") > 0 ? 1 : 0;
}
