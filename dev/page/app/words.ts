/** What went wrong, in words that say what it means. */

import { at, parseJson } from "./json.ts";

/** What the page says of an error of the chat. */
export function explain(message: string, where: { readonly url: string; readonly name: string }): string {
  const append = /^appendToSessionStream failed: (\d+) (.*)$/s.exec(message);
  if (append !== null) {
    return `${where.name} refused the message: ${sentence(append[2]!) ?? `it answered ${append[1]}`}`;
  }
  if (/failed to fetch|load failed|networkerror/i.test(message)) {
    return `${where.name} at ${where.url} could not be reached: see whether it still runs`;
  }
  return turnedDown(message) ?? message;
}

/** What the agent's schema complains of: a list of issues as JSON. */
export function turnedDown(message: string): string | undefined {
  const issues = parseJson(message);
  if (!Array.isArray(issues)) return undefined;
  const complaints = issues.map((issue) => {
    const path = at(issue, "path");
    const place = Array.isArray(path) ? path.join(".") : "";
    return `${place || "client data"}: ${String(at(issue, "message") ?? "invalid")}`;
  });
  return `The agent turned the message down. Its schema says: ${complaints.join("; ")}`;
}

function sentence(body: string): string | undefined {
  const json = parseJson(body);
  const [error, code] = [at(json, "error"), at(json, "code")];
  if (typeof error !== "string") return undefined;
  return typeof code === "string" ? `${error} (${code})` : error;
}

/** A time span as people read it. */
export function span(ms: number): string {
  if (ms < 1) return "under 1 ms";
  return ms < 1_000 ? `${Math.round(ms)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}
