/** Bytes in pieces: however they arrive, they are the same bytes, and there are few pieces. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { addTo, type Bytes, join, sizeOf } from "../../../src/pieces.ts";
import { check } from "./runs.ts";

const KIB = 1024;

/** What is held after pieces of these lengths have arrived, each of whose bytes tells its place. */
function arrive(lengths: readonly number[]): Bytes[] {
  const pieces: Bytes[] = [];
  let at = 0;
  for (const length of lengths) {
    const from = at;
    at += length;
    addTo(pieces, Uint8Array.from({ length }, (_, i) => byteAt(from + i)));
  }
  return pieces;
}

function byteAt(place: number): number {
  return (place * 31 + (place >> 8)) & 255;
}

function assertWhole(pieces: readonly Bytes[], size: number): void {
  const all = join(pieces);
  assert.equal(all.length, size);
  assert.equal(sizeOf(pieces), size);
  assert.equal(all.findIndex((byte, place) => byte !== byteAt(place)), -1);
}

/** How a body of a sender who wants much to be held for it could arrive. */
const HOSTILE: readonly (readonly [name: string, lengthOf: (index: number) => number])[] = [
  ["single bytes", () => 1],
  ["a byte and nothing in turn", (index) => index % 2],
  ["a long piece, then single bytes", (index) => index % 40 === 0 ? 20 * KIB : 1],
  ["ever shorter ones", (index) => Math.max(1, 700 - index)],
];

describe("bytes in pieces", () => {
  it("are the bytes that arrived", async () => {
    const length = fc.oneof(fc.constant(0), fc.nat(8), fc.nat(40 * KIB));
    await check(
      "pieces",
      fc.property(fc.array(length, { maxLength: 40 }), (lengths) => {
        assertWhole(arrive(lengths), lengths.reduce((sum, each) => sum + each, 0));
      }),
      50,
    );
  });
  it("are not copied where there is one of them", () => {
    const piece = Uint8Array.of(1, 2);
    assert.equal(join([piece]), piece);
    assert.equal(join([]).length, 0);
  });
  for (const [name, lengthOf] of HOSTILE) {
    it(`are few of ${name}`, () => {
      const lengths = Array.from({ length: 100_000 }, (_, index) => lengthOf(index));
      const most = lengths.findIndex(sumIsOver(1024 * KIB));
      const arrived = most === -1 ? lengths : lengths.slice(0, most);
      const pieces = arrive(arrived);
      assertWhole(pieces, arrived.reduce((sum, each) => sum + each, 0));
      assert.ok(pieces.length < 1_000, `${pieces.length} pieces`);
    });
  }
});

function sumIsOver(limit: number): (length: number) => boolean {
  let sum = 0;
  return (length) => (sum += length) > limit;
}
