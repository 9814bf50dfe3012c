/**
 * Finds the place of the stamp in a body: one pass over the bytes, no object tree.
 *
 * The scanner accepts more than JSON: what never parses harms nobody. It never accepts less, and it
 * reads no key otherwise than `JSON.parse` would. Both hold for what is forwarded, too, because the
 * scanner's state on either side of the splice is the same as it was in the body.
 *
 * @module
 */
import { Refusal } from "./errors.ts";
import type { Shape } from "./shapes.ts";

/** A body as the scanner reads it: valid UTF-8 without a byte order mark, and the same as text. */
export interface Source {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly text: string;
  /** Whether an offset into one is an offset into the other. Text is searched faster than bytes. */
  readonly ascii: boolean;
}

/** One value that a shape asked for: where it stands in the bytes, and what was found in it. */
export interface Value {
  /** Its key in the shape; empty for the root. */
  readonly name: string;
  /** Where the member's key begins; for the root, where the value begins. */
  readonly keyStart: number;
  readonly start: number;
  /** One past the value's last byte. */
  readonly end: number;
  /** What the scan found in an object that the shape looks into. */
  readonly object: ObjectValue | undefined;
  /** The value that the shape asked for before this one, in the same object. */
  readonly before: Value | undefined;
}

interface ObjectValue {
  /** The last of the values that the shape asked for. A chain of few costs less than an array of most. */
  last: Value | undefined;
  /** A bit for each key of the shape that there was. */
  seen: number;
  /** The first of the shape's keys that came twice. */
  repeated: string | undefined;
  /** Whether the object has a member of its own that is spelled `__proto__`. */
  proto: boolean;
  empty: boolean;
  /** One past the object's last byte. */
  end: number;
}

const TAB = 9, LF = 10, CR = 13, SPACE = 32, QUOTE = 34, COMMA = 44, COLON = 58, BACKSLASH = 92;
const OPEN_BRACE = 123, CLOSE_BRACE = 125;
// `[` and `{`, and `]` and `}`, are the same but for this bit.
const BRACE_BIT = 32;

/** What the scanner says of text that `JSON.parse` would not take. */
const MALFORMED = -1;

/** The same of a key. */
const UNREADABLE = -2;

/** How far a string is read byte by byte before the runtime's own search is worth its call. */
const NEAR = 32;

const DECODER = new TextDecoder();

/**
 * Scans a body whose root is an object. Gives `undefined` for what is no JSON object; throws
 * `edge_body_too_deep` where it is nested deeper than `maxDepth`.
 */
export function scan(source: Source, shape: Shape, maxDepth: number): Value | undefined {
  const { bytes } = source;
  const start = skipSpace(bytes, 0);
  if (bytes[start] !== OPEN_BRACE) return undefined;
  const object = scanObject(source, start, shape, maxDepth);
  if (object === undefined || skipSpace(bytes, object.end) !== bytes.length) return undefined;
  return { name: "", keyStart: start, start, end: object.end, object, before: undefined };
}

/** The member `name` of an object that was looked into, the last one where it came twice; `undefined` where there is none. */
export function member(value: Value | undefined, name: string): Value | undefined {
  let found = value?.object?.last;
  while (found !== undefined && found.name !== name) found = found.before;
  return found;
}

/** The JSON text of a value. */
export function textOf({ bytes, text, ascii }: Source, { start, end }: { start: number; end: number }): string {
  return ascii ? text.slice(start, end) : DECODER.decode(bytes.subarray(start, end));
}

/** Long, because calls were a fifth of what the scan of a short message cost. */
function scanObject(source: Source, start: number, shape: Shape, depth: number): ObjectValue | undefined {
  if (depth <= 0) throw new Refusal("edge_body_too_deep");
  const { bytes } = source;
  const { length } = bytes;
  const object: ObjectValue = { last: undefined, seen: 0, repeated: undefined, proto: false, empty: false, end: 0 };
  let at = skipSpace(bytes, start + 1);
  if (bytes[at] === CLOSE_BRACE) {
    object.empty = true;
    object.end = at + 1;
    return object;
  }
  for (;;) {
    const keyStart = at;
    if (bytes[at++] !== QUOTE) return undefined;
    let byte = 0;
    while (at < length && (byte = bytes[at]!) !== QUOTE && byte !== BACKSLASH) at++;
    let index: number;
    if (byte === QUOTE) {
      index = findKey(bytes, keyStart + 1, at++, shape);
    } else {
      at = skipString(source, keyStart);
      if (at === MALFORMED) return undefined;
      index = findEscaped(textOf(source, { start: keyStart, end: at }), shape);
      // One key that cannot be read is enough: a body of nothing else would be as long in being scanned.
      if (index === UNREADABLE) return undefined;
    }
    if (bytes[at] !== COLON && bytes[at = skipSpace(bytes, at)] !== COLON) return undefined;
    if ((byte = bytes[++at]!) <= SPACE) byte = bytes[at = skipSpace(bytes, at)]!;
    const valueStart = at;
    const inner = index < 0 ? undefined : shape.inner[index];
    let found: ObjectValue | undefined;
    if (inner !== undefined && byte === OPEN_BRACE) {
      found = scanObject(source, valueStart, inner, depth - 1);
      at = found === undefined ? MALFORMED : found.end;
    } else {
      at = byte === QUOTE ? skipString(source, valueStart) : skipValue(source, valueStart, depth - 1);
    }
    if (at === MALFORMED) return undefined;
    if (index >= 0) note(object, shape, index, keyStart, valueStart, at, found);
    if ((byte = bytes[at]!) <= SPACE) byte = bytes[at = skipSpace(bytes, at)]!;
    if (byte === CLOSE_BRACE) {
      object.end = at + 1;
      return object;
    }
    if (byte !== COMMA) return undefined;
    if (bytes[++at] !== QUOTE) at = skipSpace(bytes, at);
  }
}

/** Notes in `object` a member that the shape asks for. */
function note(
  object: ObjectValue,
  { names }: Shape,
  index: number,
  keyStart: number,
  start: number,
  end: number,
  found: ObjectValue | undefined,
): void {
  const name = names[index];
  if (name === undefined) {
    object.proto = true;
    return;
  }
  const bit = 1 << index;
  if ((object.seen & bit) !== 0) object.repeated ??= name;
  object.seen |= bit;
  object.last = { name, keyStart, start, end, object: found, before: object.last };
}

/** The position in `shape` of the key in these bytes, none of which is an escape; -1 for none. */
function findKey(bytes: Uint8Array, start: number, end: number, { keys, byLength }: Shape): number {
  const candidates = byLength[end - start];
  if (candidates === undefined) return -1;
  candidates: for (let i = 0; i < candidates.length; i++) {
    const index = candidates[i]!;
    const key = keys[index]!;
    for (let k = 0; k < key.length; k++) {
      if (bytes[start + k] !== key[k]) continue candidates;
    }
    return index;
  }
  return -1;
}

function findEscaped(json: string, { names }: Shape): number {
  try {
    const key = JSON.parse(json) as string;
    return key === "__proto__" ? names.length : names.indexOf(key);
  } catch {
    return UNREADABLE;
  }
}

/** One past the value that begins at `at` and is no string. Counts brackets of both kinds as one: a superset of JSON. */
function skipValue(source: Source, at: number, depth: number): number {
  const { bytes } = source;
  if ((bytes[at]! | BRACE_BIT) !== OPEN_BRACE) return skipLiteral(bytes, at);
  const length = bytes.length;
  let open = 0;
  while (at < length) {
    let byte = bytes[at++]!;
    if (byte === QUOTE) {
      // As skipString does, but in place: most strings are short, and calls cost more than they do.
      const near = at + NEAR;
      do {
        if (at >= near) {
          at = skipFar(source, at);
          break;
        }
        byte = bytes[at++]!;
        if (byte === BACKSLASH) at++;
      } while (byte !== QUOTE && at < length);
    } else if ((byte | BRACE_BIT) === OPEN_BRACE) {
      if (++open > depth) throw new Refusal("edge_body_too_deep");
    } else if ((byte | BRACE_BIT) === CLOSE_BRACE && --open === 0) return at;
  }
  return MALFORMED;
}

/** One past the string whose opening quote is at `at`. */
function skipString(source: Source, at: number): number {
  const { length } = source.bytes;
  const near = Math.min(++at + NEAR, length);
  while (at < near) {
    const byte = source.bytes[at++]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
  }
  const end = skipFar(source, at);
  return end > length ? MALFORMED : end;
}

/** One past the string that `at` is in, where nothing is escaped by what came before; past all bytes where it has no end. */
function skipFar({ bytes, text, ascii }: Source, at: number): number {
  for (let from = at;;) {
    const quote = ascii ? text.indexOf('"', at) : bytes.indexOf(QUOTE, at);
    if (quote === -1) return bytes.length + 1;
    let run = quote;
    while (run > from && bytes[run - 1] === BACKSLASH) run--;
    at = quote + 1;
    if (((quote - run) & 1) === 0) return at;
    from = at;
  }
}

function skipLiteral(bytes: Uint8Array, at: number): number {
  const start = at;
  for (;;) {
    const byte = bytes[at]!;
    // Letters, digits, signs and the point: all that numbers, true, false and null are made of.
    if ((byte >= 97 && byte <= 122) || (byte >= 43 && byte <= 57 && byte !== COMMA) || byte === 69) at++;
    else return at === start ? MALFORMED : at;
  }
}

/** The next byte that is not JSON's white space. */
function skipSpace(bytes: Uint8Array, at: number): number {
  for (;;) {
    const byte = bytes[at]!;
    if (byte > SPACE || (byte !== SPACE && byte !== LF && byte !== CR && byte !== TAB)) return at;
    at++;
  }
}
