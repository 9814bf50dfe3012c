import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { canonicalize, hashJson, hashMessage } from "../../src/seal/canonical.ts";

describe("canonicalize()", () => {
  test("RFC 8785, 3.2.2: values", () => {
    const given = `{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\"\\/",
      "literals": [null, true, false]
    }`;
    assert.equal(
      canonicalize(JSON.parse(given)),
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  test("RFC 8785, 3.2.3: names are sorted by UTF-16 code units", () => {
    const given = {
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis",
    };
    assert.deepEqual(canonicalize(given).match(/(?<=:")[^"]+/g), [
      "Carriage Return",
      "One",
      "Control",
      "Latin Small Letter O With Diaeresis",
      "Euro Sign",
      "Emoji: Grinning Face",
      "Hebrew Letter Dalet With Dagesh",
    ]);
  });

  // RFC 8785, appendix B: the bits of a number, and its spelling.
  const numbers: readonly [bits: string, text: string][] = [
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ];
  for (const [bits, text] of numbers) {
    test(`RFC 8785, appendix B: ${bits}`, () => {
      const view = new DataView(new ArrayBuffer(8));
      view.setBigUint64(0, BigInt(`0x${bits}`));
      assert.equal(canonicalize(view.getFloat64(0)), text);
      assert.equal(canonicalize(JSON.parse(text)), text);
    });
  }

  const rows: readonly [json: string, canonical: string][] = [
    ['{ "b" : [ ] , "a" : { } }', '{"a":{},"b":[]}'],
    ['{"a":1,"a":2}', '{"a":2}'],
    ['{"__proto__":{"a":1},"A":null}', '{"A":null,"__proto__":{"a":1}}'],
    ['{"10":1,"9":2,"":3}', '{"":3,"10":1,"9":2}'],
    ['"\\ud83d"', '"\\ud83d"'],
    ["1e999", "null"],
    ["true", "true"],
  ];
  for (const [json, canonical] of rows) {
    test(json, () => assert.equal(canonicalize(JSON.parse(json)), canonical));
  }

  test("members that are undefined are none", () =>
    assert.equal(canonicalize({ a: undefined, b: [undefined] }), '{"b":[null]}'));
});

test("hashJson() is SHA-256 in base64url", async () => {
  // printf '{}' | openssl dgst -sha256 -binary | basenc --base64url
  assert.equal(await hashJson({}), "RBNvo1WzZ4oRRq0W9-hknpT7T8If536DEMBg9hyq_4o");
});

describe("hashMessage()", () => {
  const user = { id: "u", role: "user", parts: [{ type: "text", text: "hi" }] };
  const answer = {
    type: "tool-x",
    toolCallId: "t",
    state: "approval-responded",
    approval: { id: "a", approved: true },
  };
  const assistant = { id: "a", role: "assistant", parts: [answer] };

  const same: readonly [name: string, one: unknown, other: unknown][] = [
    ["the order of members", user, JSON.parse('{"parts":[{"text":"hi","type":"text"}],"role":"user","id":"u"}')],
    ["a tool call without a result", assistant, {
      ...assistant,
      parts: [answer, { type: "tool-y", state: "input-available" }],
    }],
    ["a dynamic one", assistant, { ...assistant, parts: [{ type: "dynamic-tool", state: "input-streaming" }, answer] }],
    ["one of the old form", assistant, {
      ...assistant,
      parts: [{ type: "tool-invocation", toolInvocation: { state: "partial-call" } }, answer],
    }],
    ["a marker of the runtime", assistant, {
      ...assistant,
      parts: [answer, { type: "data-background-injected", data: {} }],
    }],
    [
      "a text that is not finished",
      { ...assistant, parts: [{ type: "text", text: "x", state: "done" }] },
      { ...assistant, parts: [{ type: "text", text: "x", state: "streaming" }] },
    ],
  ];
  for (const [name, one, other] of same) {
    test(`is the same for ${name}`, async () => assert.equal(await hashMessage(one), await hashMessage(other)));
  }

  const different: readonly [name: string, one: unknown, other: unknown][] = [
    ["another text", user, { ...user, parts: [{ type: "text", text: "Hi" }] }],
    ["another id", user, { ...user, id: "v" }],
    ["one part more", user, { ...user, parts: [...user.parts, { type: "data-background-injected" }] }],
    ["an approval turned round", assistant, {
      ...assistant,
      parts: [{ ...answer, approval: { id: "a", approved: false } }],
    }],
    ["a tool call whose state only reads like an unfinished one", assistant, {
      ...assistant,
      parts: [answer, { type: "tool-y", state: ["input-available"] }],
    }],
    ["one of the old form whose state does", assistant, {
      ...assistant,
      parts: [answer, { type: "tool-invocation", toolInvocation: { state: ["partial-call"] } }],
    }],
    ["an assistant's text", assistant, { ...assistant, parts: [answer, { type: "text", text: "x" }] }],
    ["the role", assistant, { ...assistant, role: "user" }],
    ["null and nothing", user, { ...user, metadata: null }],
  ];
  for (const [name, one, other] of different) {
    test(`differs for ${name}`, async () => assert.notEqual(await hashMessage(one), await hashMessage(other)));
  }
});
