/**
 * A log of requests: one line of JSON for each.
 *
 * @module
 */
import type { Decision, Observer } from "./answered.ts";

/** A line's level, for those who filter by it. */
const LEVELS: Readonly<Record<Decision, "info" | "warn" | "error">> = {
  stamped: "info",
  forwarded: "info",
  own: "info",
  left: "info",
  refused: "warn",
  failed: "error",
};

/** What an error may say of itself in a log: words. Sentences may hold addresses, and whatever a caller sent. */
const WORD = /^\w{1,40}$/;

/** How far causes of causes are followed, and the stack of one. */
const CAUSES = 4;
const FRAMES = 6;

/**
 * Writes one line for each request: `time`, `level`, and what `Answered` has, in that order. Of an error it gives the
 * names and codes (`reason`), and where the proxy itself is at fault, the lines of code (`stack`); never what it says.
 * Checks of health and readiness that went well have no line.
 */
export function jsonLog(write: (line: string) => void): Observer {
  return (answered) => {
    const { route, status, decision, code, cause } = answered;
    if ((route === "health" || route === "ready") && status === 200) return;
    const reason = cause === undefined ? undefined : reasonOf(cause);
    const stack = code === "edge_internal" ? framesOf(cause) : undefined;
    write(JSON.stringify({ time: new Date().toISOString(), level: LEVELS[decision], ...answered, reason, stack }));
  };
}

/** `TypeError: Error ECONNREFUSED`: what an error and its causes are called. */
function reasonOf(cause: unknown): string {
  const names: string[] = [];
  for (let error = cause; error instanceof Error && names.length < CAUSES; error = error.cause) {
    const { name, code } = error as Error & { code?: unknown };
    names.push([name, code].filter((word) => typeof word === "string" && WORD.test(word)).join(" "));
  }
  return names.join(": ") || typeof cause;
}

/** The lines of a stack below what the error says; none where that cannot be told apart. */
function framesOf(cause: unknown): string[] | undefined {
  if (!(cause instanceof Error)) return undefined;
  const { name, message, stack = "" } = cause;
  const said = message === "" ? `${name}\n` : `${name}: ${message}\n`;
  if (!stack.startsWith(said)) return undefined;
  return stack.slice(said.length).split("\n", FRAMES).map((line) => line.trim());
}
