/**
 * The tripwire finds the namespace as a key wherever some reader would, and nowhere else; what passes, passes byte for
 * byte.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { check } from "./runs.ts";
import { type Doc, docs, object, readTape, string, tapes, toDoc, write } from "./spelling.ts";
import { NAMESPACE, post, through } from "./through_proxy.ts";

const TRIGGER = "/api/v1/tasks/chat/trigger";
const ITEMS = "/api/v3/batches/batch_1/items";
const proxy = through({ guard: "standard" });
const anyDoc = docs(["payload", "metadata", "options", "a", "payloadTyp"]);
/** Strings that name the namespace without being a key. */
const mentions = fc.constantFrom(NAMESPACE, `"${NAMESPACE}"`, `talk about "${NAMESPACE}" in JSON`, `["${NAMESPACE}"]`)
  .map(string);

/** A document around `inner`: objects and arrays to some depth, and at most `strings` times JSON in a string. */
function around(inner: fc.Arbitrary<Doc>, strings: number): fc.Arbitrary<Doc> {
  const step = fc.constantFrom("object", "array", "string");
  return fc.tuple(inner, fc.array(fc.tuple(step, anyDoc, tapes(30)), { maxLength: 5 })).map(([doc, steps]) => {
    let left = strings;
    return steps.reduce<Doc>((held, [kind, other, decisions]) => {
      if (kind === "array") return { type: "array", items: [other, held] };
      if (kind === "string" && left-- > 0) return string(write(held, readTape(decisions)));
      return object(["a", other], ["payload", held]);
    }, doc);
  });
}

const forged = anyDoc.map((value) => object([NAMESPACE, value]));

async function outcome(
  path: string,
  body: string | Uint8Array,
  type = "application/json",
): Promise<string | undefined> {
  const { code, sent } = await proxy(post(path, body, { "content-type": type }));
  if (sent === undefined) return code;
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  assert.deepEqual(sent.bytes, bytes, "it was let through, but not as it came");
  return undefined;
}

describe("the tripwire", () => {
  it("finds the namespace as a key, in any spelling, JSON in strings included", async () => {
    await check(
      "tripwire finds",
      fc.asyncProperty(around(forged, 3), tapes(), async (doc, decisions) => {
        assert.equal(await outcome(TRIGGER, write(doc, readTape(decisions))), "edge_namespace_elsewhere");
      }),
      500,
    );
  });

  it("lets everything else through untouched", async () => {
    await check(
      "tripwire passes",
      fc.asyncProperty(around(fc.oneof(anyDoc, mentions), 4), tapes(), async (doc, decisions) => {
        assert.equal(await outcome(TRIGGER, write(doc, readTape(decisions))), undefined);
      }),
      500,
    );
  });

  it("lets any bytes through that do not hold it", async () => {
    await check(
      "tripwire, bytes",
      fc.asyncProperty(fc.uint8Array({ maxLength: 60 }), async (bytes) => {
        fc.pre(bytes.length > 0);
        assert.equal(await outcome(TRIGGER, bytes), undefined);
      }),
      300,
    );
  });

  it("finds it in any line of a batch, whatever the lines before it are", async () => {
    // The upstream reads a batch line by line, and goes on after a line that is too long to be read at all.
    const before = fc.oneof(
      anyDoc.map((doc) => write(doc, readTape([]))),
      fc.string(),
      fc.constantFrom('"', '{"a":"', "\\", '"\\', '"\\x"', '{"a\\'),
    );
    await check(
      "tripwire, lines",
      fc.asyncProperty(fc.array(before, { maxLength: 3 }), around(forged, 2), async (lines, doc) => {
        const body = [...lines.map((line) => line.replaceAll("\n", " ")), write(doc, readTape([]))].join("\n");
        assert.equal(await outcome(ITEMS, body, "application/x-ndjson"), "edge_namespace_elsewhere");
      }),
      500,
    );
  });

  for (const options of [{ payloadType: "application/store" }, { "payloadType": "application\/store", a: 1 }]) {
    it(`refuses a payload that lies elsewhere: ${JSON.stringify(options)}`, async () => {
      await check(
        "tripwire, store",
        fc.asyncProperty(tapes(), async (decisions) => {
          const body = write(toDoc({ payload: "packets/1", options }), readTape(decisions));
          assert.equal(await outcome(TRIGGER, body), "edge_payload_elsewhere");
        }),
        50,
      );
    });
  }

  it("finds a key that superjson would make by copying", async () => {
    const payload = JSON.stringify({
      json: { chatId: "chat-1", metadata: { mine: { botScore: 99 } } },
      meta: { referentialEqualities: { "metadata.mine": [`metadata.${NAMESPACE}`] } },
    });
    const body = JSON.stringify({ payload, options: { payloadType: "application/super+json" } });
    assert.equal(await outcome(TRIGGER, body), "edge_namespace_elsewhere");
  });

  it("lets superjson through that copies something else", async () => {
    const payload = JSON.stringify({
      json: { chatId: "chat-1", text: `a.${NAMESPACE}`, metadata: { mine: { botScore: 99 } } },
      meta: { referentialEqualities: { "metadata.mine": ["metadata.other"] } },
    });
    const body = JSON.stringify({ payload, options: { payloadType: "application/super+json" } });
    assert.equal(await outcome(TRIGGER, body), undefined);
  });
});
