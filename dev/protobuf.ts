/** The two protobuf messages of the stream store that the SDK sends and reads: `AppendInput` and `AppendAck`. */

import type { Draft } from "./streams.ts";

type Field = { readonly no: number; readonly value: bigint | Uint8Array };

/** Splits a message into its fields. Only varints (0) and length-delimited values (2) occur here. */
function* readFields(bytes: Uint8Array): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError("truncated message");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    const no = Number(tag >> 3n);
    if ((tag & 7n) === 0n) {
      yield { no, value: varint() };
    } else {
      const length = Number(varint());
      yield { no, value: bytes.subarray(at, at += length) };
    }
  }
}

/** Bytes as text, one character a byte where they are no UTF-8 (command records carry numbers). */
function text(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  }
}

export interface AppendDraft extends Draft {
  /** The body before it was read as text. Records that came as JSON have none. */
  readonly bytes?: Uint8Array;
}

/** Reads `AppendInput { records = 1 }`, each `{ headers = 2 { name = 1, value = 2 }, body = 3 }`. */
export function decodeAppendInput(bytes: Uint8Array): AppendDraft[] {
  const drafts: AppendDraft[] = [];
  for (const field of readFields(bytes)) {
    if (field.no === 1 && field.value instanceof Uint8Array) drafts.push(decodeRecord(field.value));
  }
  return drafts;
}

function decodeRecord(bytes: Uint8Array): AppendDraft {
  const headers: [string, string][] = [];
  let body: Uint8Array = new Uint8Array();
  for (const { no, value } of readFields(bytes)) {
    if (!(value instanceof Uint8Array)) continue;
    if (no === 2) headers.push(decodeHeader(value));
    if (no === 3) body = value;
  }
  return { body: text(body), bytes: body, headers };
}

function decodeHeader(bytes: Uint8Array): [string, string] {
  const pair: [string, string] = ["", ""];
  for (const { no, value } of readFields(bytes)) {
    if (value instanceof Uint8Array && (no === 1 || no === 2)) pair[no - 1] = text(value);
  }
  return pair;
}

/** A place in a stream. */
export interface Position {
  readonly seq_num: number;
  readonly timestamp: number;
}

/** Writes `AppendAck { start = 1, end = 2, tail = 3 }`, each `{ seq_num = 1, timestamp = 2 }`. */
export function encodeAppendAck(start: Position, end: Position, tail: Position): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const [index, position] of [start, end, tail].entries()) {
    const inner = [0x08, ...varintBytes(position.seq_num), 0x10, ...varintBytes(position.timestamp)];
    bytes.push(((index + 1) << 3) | 2, inner.length, ...inner);
  }
  return Uint8Array.from(bytes);
}

function varintBytes(value: number): number[] {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest >= 0x80n) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return [...bytes, Number(rest)];
}
