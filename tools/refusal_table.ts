/**
 * The tables of refusals, from the code's own list.
 *
 * @module
 */
import { REFUSALS } from "../src/errors.ts";

/** All of it, one row for each code. */
export function refusalTable(): string {
  const rows = Object.entries(REFUSALS).map(([code, [status, sentence]]) =>
    `| \`${code}\` | ${status} | ${sentence} |`
  );
  return ["| code | status | what it says |", "|---|---|---|", ...rows].join("\n");
}

/** What the statuses have in common. */
const MEANINGS: Readonly<Record<number, string>> = {
  400: "the request is not one that could be judged or stamped",
  403: "this token may not do this here, or its caller was not admitted",
  405: "a method that is not proxied",
  408: "the body did not arrive in time",
  413: "over a limit, and by how much",
  415: "the body is encoded for the way",
  422: "the body says what is not its sender's to say",
  429: "too often",
  431: "the head is too large",
  500: "the proxy's own fault",
  502: "Trigger.dev cannot be reached",
  503: "try again: the signals cannot be read, or there is too much to do",
  504: "Trigger.dev does not answer in time",
};

/** The same by status, for a reader in a hurry. */
export function refusalSummary(): string {
  const statuses = [...new Set(Object.values(REFUSALS).map(([status]) => status))].sort((a, b) => a - b);
  const rows = statuses.map((status) => {
    const codes = Object.entries(REFUSALS).filter(([, [one]]) => one === status).map(([code]) => `\`${code}\``);
    return `| ${status} | ${MEANINGS[status] ?? ""} | ${codes.join(", ")} |`;
  });
  return ["| status | what it means | codes |", "|---|---|---|", ...rows].join("\n");
}
