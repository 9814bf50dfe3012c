/**
 * Bodies that the proxy holds, as they go on: in one piece or in several, whichever costs the runtime least.
 *
 * @module
 */
import { type Bytes, join, sizeOf } from "./pieces.ts";
import { runsOn } from "./runtime.ts";
import type { Source } from "./scan.ts";

/** A body to forward. Text is ASCII. Pieces are views of what came, and of what was put between them. */
export type Held = string | Bytes | Bytes[];

/**
 * From what size on a body goes in pieces: below, their stream costs more than a copy. In Node alone, which copies a body
 * that it is given whole several times, and sends a stream with the length that its header says. Deno would send it chunked,
 * which the upstream refuses; Bun and workerd take text at less cost (measured on node 24.21).
 */
const PIECES_FROM_BYTES = runsOn("Node.js") ? 32 * 1024 : Infinity;

/** A body with `by`, which is ASCII, in the place of what is between these bytes of it. */
export function replace({ bytes, text, ascii }: Source, start: number, end: number, by: string): Held {
  const isLarge = bytes.length >= PIECES_FROM_BYTES;
  // Runtimes join and send text faster than bytes.
  if (ascii && !isLarge) return text.slice(0, start) + by + text.slice(end);
  const pieces = [bytes.subarray(0, start), new TextEncoder().encode(by), bytes.subarray(end)];
  return isLarge ? pieces : join(pieces);
}

/** How long a body is, in bytes. */
export function lengthOf(body: Held): number {
  return Array.isArray(body) ? sizeOf(body) : body.length;
}

/** A stream of pieces, to be read once. */
export function streamOf(pieces: readonly Bytes[]): ReadableStream<Bytes> {
  return new ReadableStream({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
}
