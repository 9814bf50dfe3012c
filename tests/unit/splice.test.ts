import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeBody } from "../../src/body.ts";
import type { Refusal, RefusalCode } from "../../src/errors.ts";
import { join } from "../../src/pieces.ts";
import { compileShapes } from "../../src/shapes.ts";
import { scan } from "../../src/scan.ts";
import { splice } from "../../src/splice.ts";

const SHAPE = compileShapes("__cf").append.full;
const PATH = ["payload", "metadata"];

function stamped(body: string, stamp = "7", depth = 256): string | undefined {
  const source = decodeBody(new TextEncoder().encode(body));
  const root = scan(source, SHAPE, depth);
  const spliced = root && splice(source, root, PATH, "__cf", stamp);
  if (spliced === undefined || typeof spliced === "string") return spliced;
  return new TextDecoder().decode(Array.isArray(spliced) ? join(spliced) : spliced);
}

const SPLICED: readonly [what: string, body: string, result: string][] = [
  ["empty root", "{}", '{"payload":{"metadata":{"__cf":7}}}'],
  ["no payload", '{"kind":"message"}', '{"kind":"message","payload":{"metadata":{"__cf":7}}}'],
  ["null payload", '{"payload": null }', '{"payload": {"metadata":{"__cf":7}} }'],
  ["empty payload", '{"payload":{ }}', '{"payload":{ "metadata":{"__cf":7}}}'],
  ["no metadata", '{"payload":{"a":1}}', '{"payload":{"a":1,"metadata":{"__cf":7}}}'],
  ["null metadata", '{"payload":{"metadata":null}}', '{"payload":{"metadata":{"__cf":7}}}'],
  ["empty metadata", '{"payload":{"metadata":{}}}', '{"payload":{"metadata":{"__cf":7}}}'],
  ["other metadata", '{"payload":{"metadata":{"a":1.0}}}', '{"payload":{"metadata":{"a":1.0,"__cf":7}}}'],
  [
    "forged first",
    '{"payload":{"metadata":{"__cf":{"botScore":99},"a":1}}}',
    '{"payload":{"metadata":{"__cf":7,"a":1}}}',
  ],
  ["forged last", '{"payload":{"metadata":{"a":1, "__cf" : [1,"]"] }}}', '{"payload":{"metadata":{"a":1, "__cf":7 }}}'],
  ["forged, escaped", '{"payload":{"metadata":{"\\u005f_c\\u0066":true}}}', '{"payload":{"metadata":{"__cf":7}}}'],
  [
    "numbers as they were",
    '{"payload":{"n":[12345678901234567890,1.0,1e400,-0,1E+2],"metadata":{"x":1.10}}}',
    '{"payload":{"n":[12345678901234567890,1.0,1e400,-0,1E+2],"metadata":{"x":1.10,"__cf":7}}}',
  ],
  [
    "duplicates elsewhere",
    '{"x":1,"x":2,"payload":{"y":1,"y":2,"metadata":{"z":1,"z":2}}}',
    '{"x":1,"x":2,"payload":{"y":1,"y":2,"metadata":{"z":1,"z":2,"__cf":7}}}',
  ],
  [
    "the namespace elsewhere",
    '{"__cf":1,"payload":{"__cf":2,"metadata":{"a":{"__cf":3}}}}',
    '{"__cf":1,"payload":{"__cf":2,"metadata":{"a":{"__cf":3},"__cf":7}}}',
  ],
  [
    "brackets and quotes in strings",
    '{"payload":{"t":"}]\\"{[\\\\","metadata":{"q":"\\\\\\"}"}}}',
    '{"payload":{"t":"}]\\"{[\\\\","metadata":{"q":"\\\\\\"}","__cf":7}}}',
  ],
  [
    "beyond ASCII",
    '{"payload":{"t":"é漢😀","metadata":{"ü":"ß"}}}',
    '{"payload":{"t":"é漢😀","metadata":{"ü":"ß","__cf":7}}}',
  ],
  ["white space", '\n{ "payload" :\t{ "metadata" : { } } }\r\n', '\n{ "payload" :\t{ "metadata" : { "__cf":7} } }\r\n'],
  [
    "__proto__ elsewhere",
    '{"payload":{"a":{"__proto__":1},"metadata":{}}}',
    '{"payload":{"a":{"__proto__":1},"metadata":{"__cf":7}}}',
  ],
];

const NO_OBJECT: readonly string[] = [
  "",
  " ",
  "null",
  "1",
  '"x"',
  "[]",
  '[{"payload":{}}]',
  "{",
  '{"a"}',
  '{"a":}',
  '{"a":1',
  '{"a":1}}',
  '{"a":1}x',
  "{a:1}",
  "{'a':1}",
  '{"a":1,}',
  '{,"a":1}',
  '{"a" 1}',
  '{"a":"',
  '{"a":[1}',
  '{"payload":{"metadata":{"x":}}}',
  "\u00a0{}",
];

const REFUSED: readonly [body: string, code: RefusalCode][] = [
  ['{"payload":{},"payload":{}}', "edge_key_repeated"],
  ['{"payload":{},"pa\\u0079load":null}', "edge_key_repeated"],
  ['{"payload":{"metadata":{},"metadata":{}}}', "edge_key_repeated"],
  ['{"payload":{"metadata":{"__cf":1,"__cf":2}}}', "edge_key_repeated"],
  ['{"payload":{"metadata":{"__cf":1,"\\u005f_cf":2}}}', "edge_key_repeated"],
  ['{"__proto__":{},"payload":{}}', "edge_key_proto"],
  ['{"payload":{"__proto__":{}}}', "edge_key_proto"],
  ['{"payload":{"metadata":{"\\u005f_proto__":{}}}}', "edge_key_proto"],
  ['{"p\\u0061yload":{"metadata":{}}}', "edge_key_escaped"],
  ['{"payload":{"metad\\u0061ta":{}}}', "edge_key_escaped"],
  ['{"payload":{"\\u006detadata":null}}', "edge_key_escaped"],
  ['{"payload":{"metadat\\u0061":"x"}}', "edge_key_escaped"],
  ['{"payload":"x"}', "edge_container_type"],
  ['{"payload":[]}', "edge_container_type"],
  ['{"payload":{"metadata":"x"}}', "edge_container_type"],
  ['{"payload":{"metadata":[1]}}', "edge_container_type"],
  ['{"payload":{"metadata":1}}', "edge_container_type"],
  ['{"payload":{"metadata":false}}', "edge_container_type"],
];

const PADDING = " ".repeat(256 * 1024);

describe("splice()", () => {
  for (const [what, body, result] of SPLICED) {
    test(what, () => {
      assert.equal(stamped(body), result);
      // Node sends large bodies in pieces.
      assert.equal(stamped(body + PADDING), result + PADDING);
      const read = JSON.parse(result) as { payload: { metadata: Record<string, unknown> } };
      assert.equal(read.payload.metadata["__cf"], 7);
    });
  }
  for (const body of NO_OBJECT) {
    test(`no object: ${JSON.stringify(body)}`, () => {
      assert.equal(stamped(body), undefined);
      // A scanner that said so of what JSON.parse takes for an object would let it pass unstamped.
      let parsed: unknown;
      try {
        parsed = JSON.parse(body);
      } catch { /* as it should be */ }
      assert.ok(typeof parsed !== "object" || parsed === null || Array.isArray(parsed));
    });
  }
  for (const [body, code] of REFUSED) {
    test(`refuses ${body}`, () => assert.throws(() => stamped(body), (error: Refusal) => error.code === code));
  }
  test("strings longer than what is read byte by byte end where they end", () => {
    for (const filler of ["a", "é", "\\\\", '\\"', "\\u0022", "]}"]) {
      for (let count = 28; count < 36; count++) {
        const body = `{"x":"${filler.repeat(count)}","payload":{"metadata":{"y":"${filler.repeat(count)}"}}}`;
        assert.equal(stamped(body), body.replace(/\}\}\}$/, ',"__cf":7}}}'));
      }
    }
  });
  test("nesting up to the cap passes, one level more is refused", () => {
    const nested = (levels: number): string => `{"payload":{"x":${"[".repeat(levels)}${"]".repeat(levels)}}}`;
    assert.ok(stamped(nested(254)));
    for (const levels of [255, 5_000, 100_000]) {
      assert.throws(() => stamped(nested(levels)), (error: Refusal) => error.code === "edge_body_too_deep");
    }
    assert.throws(
      () => stamped('{"payload":{"metadata":{}}}', "7", 2),
      (error: Refusal) => error.code === "edge_body_too_deep",
    );
  });
});
