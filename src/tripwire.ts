/**
 * The tripwire: searches a body in which nothing is stamped for the namespace as an object key.
 * It only looks; what passes, passes byte for byte.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { STRING_DEPTH } from "./limits.ts";

const COLON = 58, BACKSLASH = 92;
const STORED_ELSEWHERE = "application/store";

/**
 * Throws `edge_namespace_elsewhere` where `text` has `namespace` as an object key, in any spelling,
 * JSON inside strings included; and `edge_payload_elsewhere` where its payload lies where it cannot
 * be searched. Strings are followed one after another, so a sequence of JSON values is searched as
 * well as one; and each line is begun anew, because a batch is read line by line, and a line that is
 * no JSON does not keep the upstream from the next.
 */
export function tripwire(text: string, namespace: string): void {
  // Only an escape of this form can spell a letter otherwise, in a string at any depth.
  if (!text.includes(namespace) && !text.includes("\\u") && !text.includes("payloadType")) return;
  search(text, namespace, 0);
}

function search(text: string, namespace: string, level: number): void {
  let lastKey: string | undefined;
  let copies = false;
  let line = nextLine(text, 0);
  for (let at = text.indexOf('"'); at !== -1;) {
    if (at >= line) line = nextLine(text, at);
    const end = stringEnd(text, at, line);
    if (end === -1) {
      // No string of JSON has a line's end in it: what follows is another line, or nothing.
      at = text.indexOf('"', line);
      continue;
    }
    const content = readString(text.slice(at, end));
    if (content !== undefined && isKey(text, end)) {
      if (content === namespace) throw new Refusal("edge_namespace_elsewhere");
      // Superjson copies values to the paths that are listed under this key, and makes the keys for them.
      copies ||= content === "referentialEqualities";
      lastKey = content;
    } else if (content !== undefined) {
      if (lastKey === "payloadType" && content === STORED_ELSEWHERE) throw new Refusal("edge_payload_elsewhere");
      if (copies && content.split(".").includes(namespace)) throw new Refusal("edge_namespace_elsewhere");
      if (level < STRING_DEPTH && /^\s*[[{"]/.test(content)) search(content, namespace, level + 1);
    }
    at = text.indexOf('"', end);
  }
}

/** One past the end of the line that `at` is in. */
function nextLine(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end === -1 ? text.length : end + 1;
}

/** One past the string whose opening quote is at `at`; -1 where it has no end before `limit`. */
function stringEnd(text: string, at: number, limit: number): number {
  for (let quote = text.indexOf('"', at + 1); quote !== -1 && quote < limit; quote = text.indexOf('"', quote + 1)) {
    let run = quote;
    while (text.charCodeAt(run - 1) === BACKSLASH) run--;
    if (((quote - run) & 1) === 0) return quote + 1;
  }
  return -1;
}

/** A string as `JSON.parse` reads it; `undefined` where it would not. It is checked first: throwing costs too much. */
function readString(json: string): string | undefined {
  if (!json.includes("\\")) return json.slice(1, -1);
  return isReadable(json) ? JSON.parse(json) as string : undefined;
}

function isReadable(json: string): boolean {
  // deno-lint-ignore no-control-regex -- these are the characters that JSON wants escaped
  if (/[\0-\x1f]/.test(json)) return false;
  for (let at = json.indexOf("\\"); at !== -1; at = json.indexOf("\\", at)) {
    const next = json.charAt(at + 1);
    if (next === "u" && !/^[\da-f]{4}$/i.test(json.slice(at + 2, at + 6))) return false;
    if (!'"\\/bfnrtu'.includes(next)) return false;
    at += next === "u" ? 6 : 2;
  }
  return true;
}

function isKey(text: string, end: number): boolean {
  let at = end;
  while (" \t\r\n".includes(text.charAt(at)) && at < text.length) at++;
  return text.charCodeAt(at) === COLON;
}
