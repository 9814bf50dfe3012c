/**
 * Writes the stamp into a body that was scanned. Every byte outside the namespace's member stays as
 * it was sent.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import { type Held, replace } from "./held.ts";
import { member, type Source, textOf, type Value } from "./scan.ts";

const QUOTE = 34;

/**
 * Writes `stamp` (JSON text, ASCII only) under `namespace` in the object at the end of `path`, below `root`.
 * Creates what is absent or null on the way. Throws `edge_key_repeated`, `edge_key_proto`,
 * `edge_key_escaped` or `edge_container_type` where two readers could differ over the place, or there is none.
 */
export function splice(
  source: Source,
  root: Value,
  path: readonly string[],
  namespace: string,
  stamp: string,
): Held {
  let holder = root;
  for (let i = 0; i < path.length; i++) {
    checkHolder(holder);
    const next = member(holder, path[i]!);
    if (next === undefined) return insert(source, holder, wrap(path.slice(i), namespace, stamp));
    // V8 reads an escaped key as another one where an earlier document had that one in its place (nodejs/node#63785):
    // the stamp would be there, and no reader would find it. A key without escapes ends where its name does.
    if (source.bytes[next.keyStart + next.name.length + 1] !== QUOTE) throw new Refusal("edge_key_escaped");
    if (next.object === undefined) {
      if (textOf(source, next) !== "null") throw new Refusal("edge_container_type");
      return replace(source, next.start, next.end, `{${wrap(path.slice(i + 1), namespace, stamp)}}`);
    }
    holder = next;
  }
  checkHolder(holder);
  const own = `"${namespace}":${stamp}`;
  const old = member(holder, namespace);
  return old === undefined ? insert(source, holder, own) : replace(source, old.keyStart, old.end, own);
}

function checkHolder({ object }: Value): void {
  if (object?.repeated !== undefined) throw new Refusal("edge_key_repeated");
  if (object?.proto === true) throw new Refusal("edge_key_proto");
}

/** The member to write: the namespace's, inside as many new objects as `path` has keys. */
function wrap(path: readonly string[], namespace: string, stamp: string): string {
  return path.map((key) => `"${key}":{`).join("") + `"${namespace}":${stamp}` + "}".repeat(path.length);
}

/** At the end of the object: where a key came twice all the same, the last one is ours. */
function insert(source: Source, { end, object }: Value, text: string): Held {
  return replace(source, end - 1, end - 1, object?.empty === true ? text : `,${text}`);
}
