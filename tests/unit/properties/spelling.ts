/**
 * JSON documents and the ways to spell them. A document is generated as a tree of members, so it can have a key twice,
 * and is written out by a tape of decisions: white space, escapes, spellings of numbers. An empty tape is plain JSON,
 * which is what failures shrink towards.
 */
import * as fc from "fast-check";

/** A document. Objects are lists of members, in order, with repetitions. */
export type Doc =
  | { readonly type: "object"; readonly members: readonly (readonly [key: string, value: Doc])[] }
  | { readonly type: "array"; readonly items: readonly Doc[] }
  | { readonly type: "string"; readonly value: string }
  /** Text that stands as it is: a number, `true`, `false`, `null`. */
  | { readonly type: "literal"; readonly text: string };

/** An object of these members. */
export const object = (...members: readonly (readonly [string, Doc])[]): Doc => ({ type: "object", members });

/** A string. */
export const string = (value: string): Doc => ({ type: "string", value });

/** A plain value as a document. */
export function toDoc(value: unknown): Doc {
  if (typeof value === "string") return string(value);
  if (Array.isArray(value)) return { type: "array", items: value.map(toDoc) };
  if (typeof value !== "object" || value === null) return { type: "literal", text: String(value) };
  return object(...Object.entries(value).map(([key, inner]) => [key, toDoc(inner)] as const));
}

/** Decisions, read one by one. Where none is left each is 0, the plain way. */
export interface Tape {
  next(choices: number): number;
}

/** A tape of at most `maxLength` decisions. */
export function tapes(maxLength = 60): fc.Arbitrary<readonly number[]> {
  return fc.array(fc.nat(1023), { maxLength });
}

/** Begins to read a tape. */
export function readTape(decisions: readonly number[]): Tape {
  let at = 0;
  return { next: (choices) => (decisions[at++] ?? 0) % choices };
}

const SPACES = ["", "", "", "", " ", "\n", "\t", "\r\n  "];

/** Writes a document as the tape says. */
export function write(doc: Doc, tape: Tape): string {
  const space = (): string => SPACES[tape.next(SPACES.length)]!;
  switch (doc.type) {
    case "object": {
      const members = doc.members.map(([key, value]) =>
        space() + writeString(key, tape) + space() + ":" + space() + write(value, tape) + space()
      );
      return `{${members.length === 0 ? space() : members.join(",")}}`;
    }
    case "array":
      return `[${doc.items.map((item) => space() + write(item, tape) + space()).join(",")}]`;
    case "string":
      return writeString(doc.value, tape);
    case "literal":
      return doc.text;
  }
}

/** A string with some of its characters escaped. */
export function writeString(value: string, tape: Tape): string {
  const plain = JSON.stringify(value);
  const way = tape.next(4);
  if (way < 2) return plain;
  const units = Array.from({ length: value.length }, (_, i) => value[i]!);
  return `"${
    units.map((unit) => tape.next(3) === 2 || way === 3 ? escape(unit, tape) : JSON.stringify(unit).slice(1, -1)).join(
      "",
    )
  }"`;
}

function escape(unit: string, tape: Tape): string {
  const hex = unit.charCodeAt(0).toString(16).padStart(4, "0");
  return `\\u${tape.next(2) === 0 ? hex : hex.toUpperCase()}`;
}

const LITERALS = [
  "null",
  "true",
  "false",
  "0",
  "-0",
  "1.10",
  "1e400",
  "-1E+2",
  "12345678901234567890",
  "0.1e-7",
  "123",
];

/** Any document, with keys that are taken from `keys` now and then. */
export function docs(keys: readonly string[]): fc.Arbitrary<Doc> {
  const key = fc.oneof({ weight: 2, arbitrary: fc.constantFrom(...keys) }, texts());
  return fc.letrec<{ doc: Doc }>((tie) => ({
    doc: fc.oneof(
      { depthSize: "small", withCrossShrink: true },
      fc.constantFrom(...LITERALS).map((text): Doc => ({ type: "literal", text })),
      texts().map(string),
      fc.array(tie("doc"), { maxLength: 4 }).map((items): Doc => ({ type: "array", items })),
      fc.array(fc.tuple(key, tie("doc")), { maxLength: 5 }).map((members) => object(...members)),
    ),
  })).doc;
}

/** Strings of every kind: empty, non-ASCII, astral, lone surrogates, quotes, and what looks like JSON. */
export function texts(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.string({ maxLength: 12 }) },
    fc.string({ unit: "binary", maxLength: 8 }),
    fc.constantFrom(
      '"',
      "\\",
      '\\"',
      '{"a":1}',
      '"}',
      "\u0000",
      "\u2028",
      "\ud800",
      "ключ",
      "😀",
      "\ufeff",
      "a\\u0062",
    ),
  );
}
