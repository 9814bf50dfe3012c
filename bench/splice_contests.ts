/**
 * The splice against the reference's rewrite and against `JSON.parse` alone. All begin with a body's
 * bytes as they arrived; the first two end with the text or bytes that `fetch` is given.
 *
 * @module
 */
import { decodeBody, scanAppend } from "../src/body.ts";
import { DEFAULT_LIMITS } from "../src/limits.ts";
import { PLACES } from "../src/routes.ts";
import { compileShapes } from "../src/shapes.ts";
import type { Held } from "../src/held.ts";
import { splice } from "../src/splice.ts";
import { toJson } from "../src/stamp.ts";
import { appendBody, SIGNALS, type Texture } from "./bodies.ts";
import type { Contest } from "./contest.ts";
import { sizeName } from "./rows.ts";
import { REFERENCE_NAMESPACE, referenceAppend } from "./reference.ts";

// What a public token's message is scanned for under the default guard, which is more than the place.
const SHAPE = compileShapes(REFERENCE_NAMESPACE).append.full;
const DECODER = new TextDecoder();

/** The contest for one kind and size of body. */
export function spliceContest(texture: Texture, bytes: number): Contest {
  const text = appendBody(texture, bytes);
  const body = new TextEncoder().encode(text);
  return {
    name: `${texture} ${sizeName(bytes)}`,
    contestants: [
      { name: "splice", run: () => read(spliceAppend(body)) },
      { name: "reference", run: () => referenceAppend(DECODER.decode(body), SIGNALS) },
      { name: "parse", run: () => JSON.parse(text) ? 1 : 0 },
    ],
  };
}

/** What the proxy does to a message between its arrival and its departure. */
export function spliceAppend(body: Uint8Array<ArrayBuffer>): Held {
  const source = decodeBody(body);
  const { root } = scanAppend(source, SHAPE, DEFAULT_LIMITS.nestingDepth);
  return splice(source, root!, PLACES.append, REFERENCE_NAMESPACE, toJson(SIGNALS));
}

function read(body: Held): string | number {
  if (typeof body === "string") return body;
  const bytes = Array.isArray(body) ? body[0]! : body;
  return bytes[bytes.length >> 1]!;
}
