/**
 * Bytes in pieces, as they arrive and as they are put together.
 *
 * @module
 */

/** Bytes of a body. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Pieces as short as this are put together while more arrive. */
const SHORT_BYTES = 16 * 1024;

/**
 * Adds what has arrived. Short pieces are joined to those before them that are no longer: a list of single bytes would
 * cost hundreds of bytes for each, and one buffer that grows costs more than the rest of holding a large body.
 */
export function addTo(pieces: Bytes[], arrived: Bytes): void {
  let piece = arrived;
  while (piece.length < SHORT_BYTES && pieces.length > 0 && pieces.at(-1)!.length <= piece.length) {
    piece = join([pieces.pop()!, piece]);
  }
  pieces.push(piece);
}

/** All pieces in one. A single one is not copied. */
export function join(pieces: readonly Bytes[]): Bytes {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(sizeOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** How many bytes they are. */
export function sizeOf(pieces: readonly Bytes[]): number {
  return pieces.reduce((size, { length }) => size + length, 0);
}
