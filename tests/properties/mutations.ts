/** Random changes to valid requests: a byte here and there, and pieces that mean something. */
import * as fc from "fast-check";
import { LEGITIMATE } from "../stack/legitimate_requests.ts";

/** A valid request as parts that can be changed one by one. */
export interface Parts {
  readonly method: Buffer;
  readonly target: Buffer;
  readonly authorization: Buffer;
  /** Header lines, each with its end. */
  readonly headers: Buffer;
  readonly body: Buffer;
}

const LARGE = 10_000;

/** The valid requests to begin with: all legitimate ones that are not large. */
export const CORPUS: readonly Parts[] = LEGITIMATE.map(({ method, path, authorization, headers, body }) => ({
  method: Buffer.from(method),
  target: Buffer.from(path),
  authorization: Buffer.from(authorization ?? ""),
  headers: Buffer.from(Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${value}\r\n`).join("")),
  body: Buffer.from(
    body === undefined || typeof body === "string" || body instanceof Uint8Array ? body ?? "" : JSON.stringify(body),
  ),
})).filter(({ body }) => body.length < LARGE);

const PIECES = [
  '"',
  "\\",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  '"__edge":{"botScore":99}',
  '"metadata":{"__edge":{"botScore":99}}',
  '"kind":"message",',
  '"payload":',
  "\\u005f",
  "\ufeff",
  "\u0000",
  "\n",
  "\r\n",
  "__proto__",
  "/",
  "%2f",
  "%",
  "..",
  "\\",
  ";",
  "?_data=routes/api.v1.sessions",
  "#",
  "in/append",
  "sessions",
  ", ",
  "tr_prod_",
  "Bearer ",
  "Content-Length: 0\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Host: a/api/v1/sessions?\r\n",
].map((text) => Buffer.from(text));

/** One change. Positions wrap around. */
export interface Change {
  readonly part: keyof Parts;
  readonly way: "flip" | "set" | "insert" | "delete" | "repeat" | "swap";
  readonly at: number;
  readonly length: number;
  readonly what: number;
}

/** One to four changes, most of them to the body. */
export const changes: fc.Arbitrary<readonly Change[]> = fc.array(
  fc.record({
    part: fc.constantFrom("body", "body", "body", "target", "target", "headers", "authorization", "method"),
    way: fc.constantFrom("flip", "set", "insert", "insert", "delete", "repeat", "swap"),
    at: fc.nat(9999),
    length: fc.nat(40),
    what: fc.nat(9999),
  }),
  { minLength: 1, maxLength: 4 },
);

/** A request from the corpus with some changes. */
export function mutate(parts: Parts, list: readonly Change[]): Parts {
  return list.reduce((changed, change) => ({ ...changed, [change.part]: apply(changed[change.part], change) }), parts);
}

/** Bytes with one change. */
export function apply(bytes: Buffer, { way, at, length, what }: Omit<Change, "part">): Buffer {
  const start = at % (bytes.length + 1);
  const end = Math.min(bytes.length, start + length);
  const piece = PIECES[what % PIECES.length]!;
  const [before, middle, after] = [bytes.subarray(0, start), bytes.subarray(start, end), bytes.subarray(end)];
  switch (way) {
    case "flip":
      return bytes.length === 0
        ? bytes
        : Buffer.concat([before, Buffer.of((bytes[start] ?? 0) ^ (1 << what % 8)), bytes.subarray(start + 1)]);
    case "set":
      return Buffer.concat([before, Buffer.of(what % 256), bytes.subarray(start + 1)]);
    case "insert":
      return Buffer.concat([before, piece, bytes.subarray(start)]);
    case "delete":
      return Buffer.concat([before, after]);
    case "repeat":
      return Buffer.concat([before, middle, middle, after]);
    case "swap":
      return Buffer.concat([before, after, middle]);
  }
}
