/**
 * Bodies by every trick: each is stamped, or passes because no reader takes it for a message, or is
 * refused; and with the guard off it is the same.
 */
import assert from "node:assert/strict";
import type { Field } from "../http1.ts";
import { toBytes } from "../client.ts";
import { APPEND, asCaller, bearer, CHAT, CREATE, FORGED_MEMBER as FORGED, PUBLIC_TOKEN } from "../requests.ts";
import { assertRefused, assertSafe, type Case, describe, theOne, tryBytes } from "../surface.ts";
import { type Built, deep, PROTO, REPEATS, TYPES } from "./shapes.ts";

/** What becomes of a body: it is stamped, passes untouched, or is refused with a code. */
type Fate = "stamped" | "untouched" | "safe" | readonly [status: number, code: string];

interface Row {
  readonly name: string;
  readonly create: string | Uint8Array;
  readonly append: string | Uint8Array;
  readonly fate: Fate | readonly [create: Fate, append: Fate];
  readonly fields?: readonly Field[];
}

const CREATED = `{"externalId":"${CHAT}","triggerConfig":{"basePayload":{"metadata":{${FORGED}}}}}`;
const MESSAGE = `{"kind":"message","payload":{"metadata":{${FORGED}}}}`;

const UTF8: Fate = [400, "edge_body_utf8"];
const NOT_JSON: Fate = [400, "edge_body_not_json"];
const NESTED: Fate = [400, "edge_body_nested_json"];
const ENCODED: Fate = [415, "edge_body_encoded"];
const DEEP: Fate = [400, "edge_body_too_deep"];
const CONTAINER: Fate = [400, "edge_container_type"];

/** The same change to both routes' bodies. */
function both(
  name: string,
  change: (body: string) => string | Uint8Array,
  fate: Row["fate"],
  fields?: readonly Field[],
): Row {
  return { name, create: change(CREATED), append: change(MESSAGE), fate, ...(fields && { fields }) };
}

const bytes = (...parts: (string | number)[]): Uint8Array =>
  Buffer.concat(parts.map((part) => typeof part === "string" ? Buffer.from(part) : Buffer.of(part)));
const quoted = (times: number) => (body: string): string =>
  times === 0 ? body : JSON.stringify(quoted(times - 1)(body));

const BYTES: readonly Row[] = [
  both("a byte order mark", (body) => `\ufeff${body}`, "stamped"),
  both("two byte order marks", (body) => `\ufeff\ufeff${body}`, UTF8),
  both("a byte order mark behind a space", (body) => ` \ufeff${body}`, [NOT_JSON, [422, "edge_namespace_elsewhere"]]),
  both("half a byte order mark", (body) => bytes(0xef, 0xbb, body), UTF8),
  both("UTF-16", (body) => Buffer.from(`\ufeff${body}`, "utf16le"), UTF8),
  both(
    "bytes that are no UTF-8 in a string",
    (body) => Buffer.concat([Buffer.from(body.slice(0, 2)), Buffer.of(0xff), Buffer.from(body.slice(2))]),
    UTF8,
  ),
  both("an overlong quote", (body) => bytes(0xc0, 0xa2, body), UTF8),
  both("a surrogate in UTF-8", (body) => bytes(body.slice(0, 2), 0xed, 0xa0, 0x80, body.slice(2)), UTF8),
  both("a zero at the end", (body) => `${body}\0`, [NOT_JSON, "safe"]),
  both("a no-break space first", (body) => `\u00a0${body}`, [NOT_JSON, "safe"]),
  both("a line separator first", (body) => `\u2028${body}`, [NOT_JSON, "safe"]),
  both("white space around", (body) => ` \t\r\n${body}\n\n `, "stamped"),
  both("something behind", (body) => `${body}x`, [NOT_JSON, "safe"]),
  both("a second value behind", (body) => `${body}${body}`, [NOT_JSON, "safe"]),
  both("a comment first", (body) => `/**/${body}`, [NOT_JSON, "safe"]),
  both("a comma at the end", (body) => body.replace(/}$/, ",}"), [NOT_JSON, "safe"]),
  both("no end", (body) => body.slice(0, -1), [NOT_JSON, "safe"]),
  ...[`nul`, `01`, `1.`, `+1`, `.5`, `NaN`, `Infinity`, `[}`, `"\t"`, `"\\x"`, `"\\u12"`, `{"a" "b"}`, `{1:2}`].map((
    value,
  ) => both(`a value of ${JSON.stringify(value)}`, (body) => body.replace(/}$/, `,"x":${value}}`), [NOT_JSON, "safe"])),
  both("quotes of another kind", (body) => body.replaceAll('"', "'"), [NOT_JSON, "safe"]),
];

const KINDS: readonly Row[] = [
  ...[1, 2, 3].map((times) => both(`JSON in a string, ${times} deep`, quoted(times), [NOT_JSON, NESTED])),
  both("JSON in a string behind white space", (body) => `\n ${JSON.stringify(` \t${body}`)}`, [NOT_JSON, NESTED]),
  both(
    "JSON in a string of escapes",
    (body) => `"${[...body].map((char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`).join("")}"`,
    [NOT_JSON, NESTED],
  ),
  both("a list around it", (body) => `[${body}]`, [NOT_JSON, "safe"]),
  ...["", "null", "true", "0", "-0", `""`, "[]", "   "].map((body) =>
    both(`a body of ${JSON.stringify(body)}`, () => body, [NOT_JSON, "untouched"])
  ),
  {
    name: "a kind in a list",
    create: CREATED,
    append: `{"kind":["message"],"payload":{"metadata":{"a":1}}}`,
    fate: ["stamped", "untouched"],
  },
  {
    name: "a kind in capitals",
    create: CREATED,
    append: `{"kind":"Message","payload":{"metadata":{"a":1}}}`,
    fate: ["stamped", "untouched"],
  },
  {
    name: "an escaped kind",
    create: CREATED,
    append: MESSAGE.replace(`"kind":"message"`, `"\\u006bind":"mess\\u0061ge"`),
    fate: "stamped",
  },
  {
    name: "a kind behind its payload",
    create: CREATED,
    append: `{"payload":{"metadata":{${FORGED}}},"kind":"message"}`,
    fate: "stamped",
  },
  {
    name: "a payload in a string",
    create: CREATED,
    append: `{"kind":"message","payload":${JSON.stringify(`{"metadata":{${FORGED}}}`)}}`,
    fate: ["stamped", CONTAINER],
  },
];

const CODED: readonly Row[] = [
  ...["gzip", "br", "deflate", "x-own", "identity, gzip", "GZIP"].map((coding) =>
    both(`a Content-Encoding of ${coding}`, (body) => body, ENCODED, [["Content-Encoding", coding]])
  ),
  both("a Content-Encoding of identity", (body) => body, "stamped", [["Content-Encoding", "identity"]]),
  ...[
    "text/plain",
    "application/json; charset=utf-16",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "application/octet-stream",
    "garbage",
  ].map((type) => both(`a Content-Type of ${type}`, (body) => body, "stamped", [["Content-Type", type]])),
  both("no Content-Type", (body) => body, "stamped", []),
];

const DEEPNESS: readonly Row[] = [
  { name: "nesting within the cap", ...deep(200), fate: "stamped" },
  ...[300, 1_000, 5_000, 7_500].map((levels): Row => ({ name: `nesting of ${levels}`, ...deep(levels), fate: DEEP })),
  { name: "nesting of 100,000", create: CREATED, append: deep(100_000).append, fate: ["stamped", DEEP] },
  {
    name: "nesting that never ends",
    create: "{".repeat(20_000),
    append: `{"kind":"message","payload":${`{"a":`.repeat(90_000)}`,
    fate: "safe",
  },
];

const fromShape = ({ name, create, append, stamped, code = "edge_key_repeated" }: Built): Row => ({
  name,
  create,
  append,
  fate: stamped ? "stamped" : [400, code],
});

const ROWS: readonly Row[] = [
  ...BYTES,
  ...KINDS,
  ...CODED,
  ...DEEPNESS,
  ...[...REPEATS, ...PROTO, ...TYPES].map(fromShape),
];

function fates({ fate }: Row): readonly [Fate, Fate] {
  return Array.isArray(fate) && typeof fate[0] !== "number"
    ? fate as readonly [Fate, Fate]
    : [fate as Fate, fate as Fate];
}

const meets = (row: Row, route: "create" | "append"): Case => ({
  name: `gives ${route} with ${row.name} what it deserves`,
  async run(surface) {
    const fate = fates(row)[route === "create" ? 0 : 1];
    const fields = row.fields === undefined ? asCaller(PUBLIC_TOKEN) : [bearer(PUBLIC_TOKEN), ...row.fields];
    const request = toBytes({ target: route === "create" ? CREATE : APPEND, fields, body: row[route] });
    for (const server of ["standard", "off"] as const) {
      const exchanged = await tryBytes(surface, request, server);
      assertSafe(surface, exchanged);
      if (fate === "stamped" || fate === "untouched") {
        const arrived = theOne(surface, exchanged);
        if (fate === "untouched") {
          assert.deepEqual(arrived.body, Buffer.from(row[route] as string), describe(exchanged.answer));
        }
      } else if (fate !== "safe" && (server === "standard" || fate[0] !== 422)) {
        assertRefused(exchanged, ...fate);
      }
    }
  },
});

export const bodies: readonly Case[] = ROWS.flatMap((row) => [meets(row, "create"), meets(row, "append")]);
