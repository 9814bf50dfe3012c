/**
 * What is forwarded, if `JSON.parse` takes it at all, is the model's edit of what came, and every character outside the
 * namespace's member is the same; what is refused, the model refuses, too.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { appendDocs, createDocs } from "./chat_docs.ts";
import { check } from "./runs.ts";
import { type Doc, readTape, tapes, write } from "./spelling.ts";
import { edit, expect, isJson, read, WAYS } from "./splice_model.ts";
import { NAMESPACE, PATHS, post, STAMP, through } from "./through_proxy.ts";

type Use = keyof typeof WAYS;

const BOM = "\ufeff";
const DOCS: Readonly<Record<Use, fc.Arbitrary<Doc>>> = { create: createDocs, append: appendDocs };
const proxy = through({ guard: "off" });
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Sends a body of JSON and compares what comes of it with the model. Gives whether it was stamped. */
async function compare(text: string, use: Use): Promise<boolean> {
  const { code, sent } = await proxy(post(PATHS[use], text));
  const body = text.startsWith(BOM) ? text.slice(1) : text;
  const { refusals, stamped, changed } = expect(body, use);
  if (sent === undefined) {
    assert.ok(refusals.includes(code ?? ""), `refused with ${code}, which the model does not: ${refusals.join()}`);
    return false;
  }
  assert.deepEqual(refusals, [], "forwarded, though the model refuses it");
  const forwarded = decode(sent.bytes);
  if (!stamped) {
    assert.equal(forwarded, body);
    return false;
  }
  assert.deepEqual(read(forwarded), edit(read(body), WAYS[use], STAMP));
  const { start, end } = changed ?? insertion(body, forwarded);
  assert.ok(forwarded.startsWith(body.slice(0, start)), "something before the stamp is different");
  assert.ok(forwarded.endsWith(body.slice(end)), "something after the stamp is different");
  assert.ok(forwarded.length >= start + body.length - end, "something is missing");
  return true;
}

/** Where something was put in and nothing taken away: as far as both texts begin alike. */
function insertion(before: string, after: string): { start: number; end: number } {
  let start = 0;
  while (start < before.length && before[start] === after[start]) start++;
  return { start, end: start };
}

describe("the splice", () => {
  for (const use of ["create", "append"] as const) {
    it(`edits JSON as the model does: ${use}`, async () => {
      let stamped = 0;
      let tried = 0;
      await check(
        `splice, ${use}`,
        fc.asyncProperty(DOCS[use], tapes(), fc.boolean(), async (doc, decisions, bom) => {
          tried++;
          const text = write(doc, readTape(decisions));
          if (await compare(bom ? BOM + text : text, use)) stamped++;
        }),
        600,
      );
      assert.ok(stamped > tried / 10, `only ${stamped} of ${tried} bodies were stamped: the property says little`);
    });

    it(`lets nothing through that reads otherwise than the model's edit: nearly JSON, ${use}`, async () => {
      await check(
        `nearly JSON, ${use}`,
        fc.asyncProperty(DOCS[use], tapes(), edits(), async (doc, decisions, changes) => {
          // An edit may have cut a surrogate pair, and half of one cannot be sent.
          const text = wellFormed(changes.reduce(apply, write(doc, readTape(decisions))));
          if (isJson(text)) return void await compare(text, use);
          const { sent } = await proxy(post(PATHS[use], text));
          if (sent !== undefined) assertHarmless(decode(sent.bytes), text, use);
        }),
        800,
      );
    });

    it(`lets no bytes through that read otherwise: ${use}`, async () => {
      await check(
        `bytes, ${use}`,
        fc.asyncProperty(DOCS[use], tapes(), byteEdits(), async (doc, decisions, changes) => {
          let bytes: Uint8Array = new TextEncoder().encode(write(doc, readTape(decisions)));
          for (const { at, drop, put } of changes) {
            const start = at % (bytes.length + 1);
            bytes = Uint8Array.from([...bytes.subarray(0, start), ...put, ...bytes.subarray(start + drop)]);
          }
          const { sent } = await proxy(post(PATHS[use], bytes));
          if (sent !== undefined) assertHarmless(decode(sent.bytes), decode(bytes), use);
        }),
        500,
      );
    });
  }
});

describe("nesting", () => {
  // The objects on the way count, too.
  const create = (inner: string): string => `{"triggerConfig":{"basePayload":{"metadata":{"a":${inner}}}}}`;
  const append = (inner: string): string => `{"kind":"message","payload":{"metadata":{"a":${inner}}}}`;
  const beside = (inner: string): string => `{"kind":"message","a":${inner}}`;
  const inOther = (inner: string): string => `{"kind":"stop","a":${inner}}`;
  for (
    const [use, body, levels] of [["create", create, 4], ["append", append, 3], ["append", beside, 1], [
      "append",
      inOther,
      1,
    ]] as const
  ) {
    it(`is let through up to 256 levels and no further: ${body("…")}`, async () => {
      for (const [open, close] of [["[", "]"], ['{"b":', "}"], ['[{"b":[', "]}]"]] as const) {
        const each = open.match(/[[{]/g)!.length;
        const most = Math.floor((256 - levels) / each);
        const nested = (count: number): string => body(`${open.repeat(count)}1${close.repeat(count)}`);
        await compare(nested(most), use);
        assert.equal((await proxy(post(PATHS[use], nested(most)))).status, 200);
        assert.equal((await proxy(post(PATHS[use], nested(most + 1)))).code, "edge_body_too_deep");
      }
    });
  }
});

/** What no body must do, whatever it is: parse at the upstream as a message with another stamp than ours. */
function assertHarmless(forwarded: string, sent: string, use: Use): void {
  if (!isJson(forwarded)) return;
  const value = read(forwarded);
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  if (use === "append" && (!isObject || (value as { kind?: unknown }).kind !== "message")) {
    assert.equal(forwarded, sent.replace(/^\ufeff/, ""), "not stamped, and yet not the same");
    return;
  }
  const metadata = WAYS[use].reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], value);
  assert.ok(Object.hasOwn(metadata as object, NAMESPACE));
  assert.deepEqual((metadata as Record<string, unknown>)[NAMESPACE], STAMP);
}

interface Edit {
  readonly at: number;
  readonly drop: number;
  readonly put: string;
}

const PIECES = [
  '"',
  "\\",
  "\\u005f",
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  "null",
  "\u0000",
  "\n",
  "\ufeff",
  "\u00a0",
  "/**/",
  "'",
  `"${NAMESPACE}":{"botScore":99}`,
  `"${NAMESPACE}":`,
  '"metadata":',
  '"payload":{',
  '"kind":"message"',
  ",,",
  "{}",
  "]}",
  '\\"',
  "1.",
  "+1",
  "tru",
  "\ud800",
];

function edits(): fc.Arbitrary<Edit[]> {
  const put = fc.oneof(fc.constantFrom(...PIECES), fc.string({ maxLength: 3 }));
  return fc.array(fc.record({ at: fc.nat(2000), drop: fc.nat(4), put }), { minLength: 1, maxLength: 4 });
}

function apply(text: string, { at, drop, put }: Edit): string {
  const start = at % (text.length + 1);
  return text.slice(0, start) + put + text.slice(start + drop);
}

function wellFormed(text: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(new TextEncoder().encode(text));
}

function byteEdits(): fc.Arbitrary<{ at: number; drop: number; put: Uint8Array }[]> {
  const put = fc.oneof(
    fc.uint8Array({ maxLength: 3 }),
    fc.constantFrom(...[[0xef, 0xbb, 0xbf], [0xc0, 0xa2], [0xe2, 0x80], [0x22]].map((bytes) => Uint8Array.from(bytes))),
  );
  return fc.array(fc.record({ at: fc.nat(2000), drop: fc.nat(2), put }), { minLength: 1, maxLength: 3 });
}
