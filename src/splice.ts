/**
 * Finds the place of the stamp in a body's text and writes it there. One pass, no object tree:
 * every character outside the namespace's member stays as it was sent.
 *
 * The scanner accepts more than JSON: what never parses harms nobody. It never accepts less, and it
 * reads no key otherwise than `JSON.parse` would. Both hold for what is forwarded, too, because the
 * scanner's state on either side of the splice is the same as it was in the body.
 *
 * @module
 */
import { Refusal } from "./errors.ts";

/** The keys that matter in an object, and in the objects under them; `null` asks for the value only. */
export interface Shape {
  readonly [key: string]: Shape | null;
}

/** One value that a shape asked for: where it stands in the text, and what was found in it. */
export interface Value {
  /** Where the member's key begins; for the root, where the value begins. */
  readonly keyStart: number;
  readonly start: number;
  /** One past the value's last character. */
  readonly end: number;
  /** For an object that the shape looks into, the members that the shape names. */
  readonly members?: Readonly<Record<string, Value | undefined>>;
  /** The first of those keys that came twice. */
  readonly repeated?: string | undefined;
  /** Whether the object has a member of its own that is spelled `__proto__`. */
  readonly proto?: boolean;
  /** Whether the object has no members at all. */
  readonly empty?: boolean;
}

const TAB = 9, LF = 10, CR = 13, SPACE = 32, QUOTE = 34, COMMA = 44, COLON = 58;
const OPEN_BRACKET = 91, BACKSLASH = 92, CLOSE_BRACKET = 93, OPEN_BRACE = 123, CLOSE_BRACE = 125;

/** What the scanner says of text that `JSON.parse` would not take. */
const MALFORMED = -1;

/**
 * Scans a body whose root is an object. Gives `undefined` for text that is no JSON object; throws
 * `edge_body_too_deep` where it is nested deeper than `maxDepth`.
 */
export function scan(text: string, shape: Shape, maxDepth: number): Value | undefined {
  const start = skipSpace(text, 0);
  if (text.charCodeAt(start) !== OPEN_BRACE) return undefined;
  const root = scanObject(text, start, start, shape, maxDepth);
  if (root === undefined || skipSpace(text, root.end) !== text.length) return undefined;
  return root;
}

function scanObject(
  text: string,
  keyStart: number,
  start: number,
  shape: Shape,
  depth: number,
): Value | undefined {
  if (depth <= 0) throw new Refusal("edge_body_too_deep");
  const members: Record<string, Value | undefined> = Object.create(null);
  let repeated: string | undefined;
  let proto = false;
  let at = skipSpace(text, start + 1);
  if (text.charCodeAt(at) === CLOSE_BRACE) {
    return { keyStart, start, end: at + 1, members, repeated, proto, empty: true };
  }
  for (;;) {
    const keyAt = at;
    const keyEnd = text.charCodeAt(at) === QUOTE ? skipString(text, at) : MALFORMED;
    if (keyEnd === MALFORMED) return undefined;
    const key = readKey(text, keyAt, keyEnd);
    at = skipSpace(text, keyEnd);
    if (key === undefined || text.charCodeAt(at) !== COLON) return undefined;
    at = skipSpace(text, at + 1);
    const inner = Object.hasOwn(shape, key) ? shape[key] : undefined;
    if (inner === undefined) {
      if (key === "__proto__") proto = true;
      at = skipValue(text, at, depth - 1);
      if (at === MALFORMED) return undefined;
    } else {
      const value = scanMember(text, keyAt, at, inner, depth - 1);
      if (value === undefined) return undefined;
      if (members[key] !== undefined) repeated ??= key;
      members[key] = value;
      at = value.end;
    }
    at = skipSpace(text, at);
    const next = text.charCodeAt(at);
    if (next === CLOSE_BRACE) return { keyStart, start, end: at + 1, members, repeated, proto, empty: false };
    if (next !== COMMA) return undefined;
    at = skipSpace(text, at + 1);
  }
}

function scanMember(
  text: string,
  keyStart: number,
  start: number,
  shape: Shape | null,
  depth: number,
): Value | undefined {
  if (shape !== null && text.charCodeAt(start) === OPEN_BRACE) {
    return scanObject(text, keyStart, start, shape, depth);
  }
  const end = skipValue(text, start, depth);
  return end === MALFORMED ? undefined : { keyStart, start, end };
}

/** The key between two quotes as `JSON.parse` reads it; `undefined` where it would not read it. */
export function readKey(text: string, start: number, end: number): string | undefined {
  const raw = text.slice(start + 1, end - 1);
  if (!raw.includes("\\")) return raw;
  try {
    return JSON.parse(text.slice(start, end)) as string;
  } catch {
    return undefined;
  }
}

/** One past the value that begins at `at`. Counts brackets of both kinds as one: a superset of JSON. */
function skipValue(text: string, at: number, depth: number): number {
  const first = text.charCodeAt(at);
  if (first === QUOTE) return skipString(text, at);
  if (first !== OPEN_BRACE && first !== OPEN_BRACKET) return skipLiteral(text, at);
  const length = text.length;
  let open = 0;
  while (at < length) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = skipString(text, at);
        if (at === MALFORMED) return MALFORMED;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (++open > depth) throw new Refusal("edge_body_too_deep");
        at++;
        break;
      case CLOSE_BRACE:
      case CLOSE_BRACKET:
        at++;
        if (--open === 0) return at;
        break;
      default:
        at++;
    }
  }
  return MALFORMED;
}

/** One past the string whose opening quote is at `at`. */
export function skipString(text: string, at: number): number {
  for (let quote = at + 1;; quote++) {
    quote = text.indexOf('"', quote);
    if (quote === -1) return MALFORMED;
    let run = quote;
    while (text.charCodeAt(run - 1) === BACKSLASH) run--;
    if (((quote - run) & 1) === 0) return quote + 1;
  }
}

function skipLiteral(text: string, at: number): number {
  const start = at;
  for (;;) {
    const code = text.charCodeAt(at);
    // Letters, digits, signs and the point: all that numbers, true, false and null are made of.
    if ((code >= 97 && code <= 122) || (code >= 43 && code <= 57 && code !== COMMA) || code === 69) at++;
    else return at === start ? MALFORMED : at;
  }
}

/** The next character that is not JSON's white space. */
export function skipSpace(text: string, at: number): number {
  for (;;) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && code !== LF && code !== CR && code !== TAB) return at;
    at++;
  }
}

/**
 * Writes `stamp` (JSON text) under `namespace` at the end of `path`, below `root`. Creates what is absent or
 * null on the way. Throws `edge_key_repeated`, `edge_key_proto` or `edge_container_type` where two
 * readers could differ over the place, or there is none.
 */
export function splice(text: string, root: Value, path: readonly string[], namespace: string, stamp: string): string {
  let holder = root;
  for (let i = 0; i < path.length; i++) {
    checkHolder(holder);
    const next = holder.members?.[path[i]!];
    if (next === undefined) return insert(text, holder, wrap(path.slice(i), namespace, stamp));
    if (next.members === undefined) {
      if (text.slice(next.start, next.end) !== "null") throw new Refusal("edge_container_type");
      return replace(text, next.start, next.end, `{${wrap(path.slice(i + 1), namespace, stamp)}}`);
    }
    holder = next;
  }
  checkHolder(holder);
  const member = holder.members?.[namespace];
  const own = wrap([], namespace, stamp);
  return member === undefined ? insert(text, holder, own) : replace(text, member.keyStart, member.end, own);
}

function checkHolder({ repeated, proto }: Value): void {
  if (repeated !== undefined) throw new Refusal("edge_key_repeated");
  if (proto === true) throw new Refusal("edge_key_proto");
}

/** The member to write: the namespace's, inside as many new objects as `path` has keys. */
function wrap(path: readonly string[], namespace: string, stamp: string): string {
  return path.map((key) => `"${key}":{`).join("") + `"${namespace}":${stamp}` + "}".repeat(path.length);
}

/** At the end of the object: where a key came twice all the same, the last one is ours. */
function insert(text: string, { end, empty }: Value, member: string): string {
  return replace(text, end - 1, end - 1, empty ? member : `,${member}`);
}

function replace(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}
