/**
 * Prints the README's table of refusals from the code's own list.
 *
 * @module
 */
import { REFUSALS } from "../src/errors.ts";

/** The table in Markdown, one row for each code. */
export function refusalTable(): string {
  const rows = Object.entries(REFUSALS).map(([code, [status, sentence]]) =>
    `| \`${code}\` | ${status} | ${sentence} |`
  );
  return ["| code | status | what it says |", "|---|---|---|", ...rows].join("\n");
}

if (import.meta.main) console.log(refusalTable());
