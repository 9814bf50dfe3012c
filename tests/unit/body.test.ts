import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeBody, readBody, refuseEncoded, scanAppend, scanCreate } from "../../src/body.ts";
import type { Refusal, RefusalCode } from "../../src/errors.ts";
import { compileShapes } from "../../src/shapes.ts";

const bytes = (...parts: (string | number[])[]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(parts.flatMap((part) => typeof part === "string" ? [...new TextEncoder().encode(part)] : part));
const refused = (code: RefusalCode) => (error: Refusal): boolean => error.code === code;
const BOM = [0xef, 0xbb, 0xbf];
const { append, create } = compileShapes("__cf");

describe("decodeBody()", () => {
  test("drops one byte order mark", () => {
    const { text, bytes: rest } = decodeBody(bytes(BOM, "{}"));
    assert.equal(text, "{}");
    assert.deepEqual([...rest], [0x7b, 0x7d]);
  });
  test("refuses a second one", () => assert.throws(() => decodeBody(bytes(BOM, BOM, "{}")), refused("edge_body_utf8")));
  for (
    const [what, bad] of Object.entries({
      "a lone byte": [0xff],
      "a cut sequence": [0xe2, 0x82],
      "an overlong slash": [0xc0, 0xaf],
      "a surrogate": [0xed, 0xa0, 0x80],
      "beyond the last code point": [0xf4, 0x90, 0x80, 0x80],
      "UTF-16": [0xff, 0xfe, 0x7b, 0],
    })
  ) test(`refuses ${what}`, () => assert.throws(() => decodeBody(bytes('"', bad, '"')), refused("edge_body_utf8")));
  test("takes the replacement character where it was sent", () => {
    const { text, ascii } = decodeBody(bytes('"\ufffd"'));
    assert.equal(text, '"\ufffd"');
    assert.equal(ascii, false);
  });
});

describe("readBody()", () => {
  const request = (body: BodyInit | null, headers: Record<string, string> = {}): Request =>
    new Request("http://p.example/", { method: "POST", body, headers, duplex: "half" } as RequestInit);
  const stream = (...chunks: string[]): ReadableStream<Uint8Array> =>
    new ReadableStream({
      start(controller): void {
        for (const chunk of chunks) controller.enqueue(bytes(chunk));
        controller.close();
      },
    });

  test("joins what arrives", async () => {
    assert.equal(new TextDecoder().decode(await readBody(request(stream("ab", "c")), 3, 1_000)), "abc");
    assert.equal((await readBody(request(null), 3, 1_000)).length, 0);
  });
  test("counts bytes as they arrive, and says by how many they are over", async () => {
    await assert.rejects(
      readBody(request(stream("ab", "cd")), 3, 1_000),
      (error: Refusal) => error.code === "edge_body_too_large" && error.message.includes("1 bytes over 3"),
    );
  });
  test("does not wait for a body that is too large by its own account", async () => {
    const never = new ReadableStream<Uint8Array>();
    await assert.rejects(
      readBody(request(never, { "content-length": "4" }), 3, 60_000),
      refused("edge_body_too_large"),
    );
  });
  test("does not wait for ever", async () => {
    for (const headers of [{}, { "content-length": "3" }]) {
      const never = new ReadableStream<Uint8Array>();
      await assert.rejects(readBody(request(never, headers), 3, 20), refused("edge_body_timeout"));
    }
  });
  test("is not misled by a length that nobody's framing held to", async () => {
    const lies = (length: string, ...chunks: string[]) => request(stream(...chunks), { "content-length": length });
    for (const length of ["1", "3", "0", "-1", "1e0", "0x1", " ", "1, 1", "many"]) {
      await assert.rejects(readBody(lies(length, "ab", "cd"), 3, 1_000), refused("edge_body_too_large"), length);
      assert.equal(new TextDecoder().decode(await readBody(lies(length, "ab", "c"), 3, 1_000)), "abc", length);
    }
  });
});

describe("refuseEncoded()", () => {
  for (const encoding of ["identity", " Identity ", ""]) {
    test(`takes ${JSON.stringify(encoding)}`, () => refuseEncoded(new Headers({ "content-encoding": encoding })));
  }
  for (const encoding of ["gzip", "br", "identity, gzip", "x"]) {
    test(`refuses ${encoding}`, () =>
      assert.throws(() => refuseEncoded(new Headers({ "content-encoding": encoding })), refused("edge_body_encoded")));
  }
});

describe("scanAppend()", () => {
  const isMessage = (body: string): boolean => scanAppend(decodeBody(bytes(body)), append.full, 256).isMessage;
  for (const body of ['{"kind":"message"}', '{"k\\u0069nd":"m\\u0065ssage"}', '{"payload":{},"kind":"message"}']) {
    test(`a message: ${body}`, () => assert.equal(isMessage(body), true));
  }
  for (
    const body of [
      "",
      "hello",
      "[]",
      "null",
      "{}",
      '{"kind":"stop"}',
      '{"kind":["message"]}',
      '{"kind":"Message"}',
      '{"kind":"message"',
      '"hello"',
      '"{}"',
    ]
  ) {
    test(`no message: ${body}`, () => assert.equal(isMessage(body), false));
  }
  const nest = (text: string, times: number): string => times === 0 ? text : nest(JSON.stringify(text), times - 1);
  for (const level of [1, 2, 3]) {
    test(`refuses a message inside ${level} strings`, () => {
      assert.throws(() => isMessage(nest('{"kind":"message"}', level)), refused("edge_body_nested_json"));
      assert.throws(
        () => isMessage(` ${nest('{"kind":"stop","kind":"message"}', level)}`),
        refused("edge_body_nested_json"),
      );
    });
  }
  test("refuses two kinds", () => {
    assert.throws(() => isMessage('{"kind":"message","kind":"stop"}'), refused("edge_key_repeated"));
    assert.throws(() => isMessage('{"kind":"stop","\\u006bind":"message"}'), refused("edge_key_repeated"));
  });
});

describe("scanCreate()", () => {
  for (
    const body of ["", "null", "[]", '"x"', "1", "{", '{"a":tru}', '{"a":1,}', '{"a":01}', '{"a":"\t"}', "{'a':1}"]
  ) {
    test(`refuses ${JSON.stringify(body)}`, () =>
      assert.throws(() => scanCreate(decodeBody(bytes(body)), create.full, 256), refused("edge_body_not_json")));
  }
  test("takes an object", () => assert.ok(scanCreate(decodeBody(bytes(' {"externalId":"a"} ')), create.full, 256)));
});
