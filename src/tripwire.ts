/**
 * The tripwire: searches a body in which nothing is stamped for the namespace as an object key.
 * It only looks; what passes, passes byte for byte.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { STRING_DEPTH } from "./limits.ts";
import { readKey, skipSpace, skipString } from "./splice.ts";

const COLON = 58;
const STORED_ELSEWHERE = "application/store";

/**
 * Throws `edge_namespace_elsewhere` where `text` has `namespace` as an object key, in any spelling,
 * JSON inside strings included; and `edge_payload_elsewhere` where its payload lies where it cannot
 * be searched. Strings are followed one after another, so a sequence of JSON values is searched as
 * well as one.
 */
export function tripwire(text: string, namespace: string): void {
  // Only an escape of this form can spell a letter otherwise, in a string at any depth.
  if (!text.includes(namespace) && !text.includes("\\u") && !text.includes("payloadType")) return;
  search(text, namespace, 0);
}

function search(text: string, namespace: string, level: number): void {
  let lastKey: string | undefined;
  for (let at = text.indexOf('"'); at !== -1;) {
    const end = skipString(text, at);
    if (end === -1) return;
    const content = readKey(text, at, end);
    if (content === undefined) return;
    if (text.charCodeAt(skipSpace(text, end)) === COLON) {
      if (content === namespace) throw new Refusal("edge_namespace_elsewhere");
      lastKey = content;
    } else {
      if (lastKey === "payloadType" && content === STORED_ELSEWHERE) throw new Refusal("edge_payload_elsewhere");
      if (level < STRING_DEPTH && /^\s*[[{"]/.test(content)) search(content, namespace, level + 1);
    }
    at = text.indexOf('"', end);
  }
}
