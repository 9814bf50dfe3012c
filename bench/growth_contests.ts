/**
 * How costs grow with the work: larger bodies, repeated namespaces, deeper nesting, and bodies that
 * only the tripwire looks at.
 *
 * @module
 */
import { decodeLoosely } from "../src/body.ts";
import { Refusal } from "../src/errors.ts";
import { tripwire } from "../src/tripwire.ts";
import { appendBody, type Texture } from "./bodies.ts";
import type { Contest, Contestant } from "./contest.ts";
import { REFERENCE_NAMESPACE } from "./reference.ts";
import { spliceAppend } from "./splice_contests.ts";

/** Body sizes in KiB, and the one that the others are held against. */
export const GROWTH_KIB: readonly number[] = [1, 4, 16, 64, 256, 1023];
export const GROWTH_BASE_KIB = 64;

/** How often the namespace is there, where once is what every forged body has. */
export const REPEATS: readonly number[] = [0, 1, 10, 100, 1000];

/** Levels of nesting below a message's part; the whole body has six more, and 256 is the cap. */
export const DEPTHS: readonly number[] = [0, 16, 64, 128, 250];

const ENCODER = new TextEncoder();

/** All contests of growth. */
export function growthContests(): Contest[] {
  return [
    { name: "size text", contestants: GROWTH_KIB.map((kib) => ofSize("text", kib)) },
    { name: "size structure", contestants: GROWTH_KIB.map((kib) => ofSize("structure", kib)) },
    {
      name: "repeats",
      contestants: REPEATS.flatMap((count) => [ofRepeats(count, REFERENCE_NAMESPACE), ofRepeats(count, "__xx")]),
    },
    { name: "nesting", contestants: DEPTHS.map(ofDepth) },
    ...tripwireContests(),
  ];
}

function ofSize(texture: Texture, kib: number): Contestant {
  const body = ENCODER.encode(appendBody(texture, kib * 1024));
  return { name: String(kib), run: () => spliceAppend(body).length / body.length };
}

/** A body with `count` members of one key in its metadata: refused from two on where the key is the proxy's. */
function ofRepeats(count: number, key: string): Contestant {
  const members = Array.from({ length: count }, () => `,"${key}":{"botScore":99}`).join("");
  const body = ENCODER.encode(
    `{"kind":"message","payload":{"message":{"id":"m","role":"user","parts":[]},"metadata":{"userId":"u"${members}}}}`,
  );
  return { name: `${key} ${count}`, run: () => judged(body) };
}

function judged(body: Uint8Array<ArrayBuffer>): number {
  try {
    return spliceAppend(body).length;
  } catch (error) {
    if (error instanceof Refusal) return error.status;
    throw error;
  }
}

/** Bodies of one size: what is not nested is padding of the same bytes. */
function ofDepth(depth: number): Contestant {
  const pairs = "[]".repeat(DEPTHS.at(-1)! - depth).replaceAll("][", "],[");
  const nested = "[".repeat(depth) + pairs + "]".repeat(depth);
  const body = ENCODER.encode(
    `{"kind":"message","payload":{"message":{"role":"user","parts":[${nested}]},"metadata":{}}}`,
  );
  return { name: String(depth), run: () => spliceAppend(body).length / body.length };
}

/** Untouched bodies, over what `JSON.parse` takes: plain ones, ones with an escape, and JSON inside strings. */
function tripwireContests(): Contest[] {
  return [1, 64, 1023].flatMap((kib) =>
    (["text", "structure"] as const).flatMap((texture) => {
      const plain = appendBody(texture, kib * 1024).replace(REFERENCE_NAMESPACE, "plain");
      const kinds = {
        plain,
        escaped: plain.replace('"user"', '"\\u0075ser"'),
        nested: JSON.stringify({ data: plain, note: "\\u0021" }),
      };
      return Object.entries(kinds).map(([kind, text]) => tripwireContest(`tripwire ${texture} ${kind} ${kib}`, text));
    })
  );
}

function tripwireContest(name: string, text: string): Contest {
  const body = ENCODER.encode(text);
  const run = (): number => {
    tripwire(decodeLoosely(body), REFERENCE_NAMESPACE);
    return 1;
  };
  return { name, contestants: [{ name: "tripwire", run }, { name: "parse", run: () => JSON.parse(text) ? 1 : 0 }] };
}
