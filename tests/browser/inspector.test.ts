import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Fact, Numbered } from "../../dev/inspector_facts.ts";
import { commonBytes, diff, type Line, lines } from "../../dev/page/app/json.ts";
import { toTurns } from "../../dev/page/app/turns.ts";
import { verdictOf } from "../../dev/page/app/verdict.ts";
import { explain } from "../../dev/page/app/words.ts";

function text(of: readonly Line[]): string[] {
  return of.map(({ sign, depth, text }) => `${sign}${"  ".repeat(depth)}${text}`);
}

describe("the inspector's diff", () => {
  test("says what went and what came, and counts the rest", () => {
    const before = { userId: "you", plan: "free", __cf: { botScore: 99, country: "US" } };
    const after = { userId: "you", plan: "free", __cf: { botScore: 12, country: "US", asn: 1 } };
    assert.deepEqual(text(diff(before, after)), [
      " {",
      "   … 2 keys as sent",
      '   "__cf": {',
      "     … 1 key as sent",
      '-    "botScore": 99',
      '+    "botScore": 12',
      '+    "asn": 1',
      "   }",
      " }",
    ]);
  });

  test("of what was not there, of what is of another type, of the same", () => {
    assert.deepEqual(text(diff(undefined, { a: [] })), ["+{", '+  "a": []', "+}"]);
    assert.deepEqual(text(diff({ a: "x" }, { a: { b: null } })), [
      " {",
      '-  "a": "x"',
      '+  "a": {',
      '+    "b": null',
      "+  }",
      " }",
    ]);
    assert.deepEqual(diff({ a: 1 }, { a: 1 }), []);
  });

  test("shortens what nobody reads", () => {
    assert.match(lines("e".repeat(400))[0]!.text, /^"e{20}"… \(400 characters\)$/);
  });

  test("counts bytes, not characters, and none of them twice", () => {
    assert.equal(commonBytes("aXb", "aYYb"), 2);
    assert.equal(commonBytes("ä1ä", "ä22ä"), 4);
    assert.equal(commonBytes("aa", "aaa"), 2);
  });
});

let count = 0;
const number = (fact: Fact): Numbered => ({ ...fact, n: ++count });
const body = (value: unknown) => ({ text: JSON.stringify(value), bytes: JSON.stringify(value).length });
const message = (id: string, metadata: unknown) =>
  body({ kind: "message", payload: { message: { id, role: "user", parts: [{ type: "text", text: id }] }, metadata } });
const append = (id: string) => ({ use: "append", chatId: "c", id }) as const;

/** One message through the proxy: what the three processes tell of it, in the order in which it happens. */
function proxied(id: string, at: number): Fact[] {
  return [
    { kind: "arrived", ...append(id), at, body: message(id, { userId: "you" }) },
    { kind: "reached", ...append(id), at: at + 2, body: message(id, { userId: "you", __cf: { botScore: 7 } }) },
    { kind: "answered", ...append(id), at: at + 4, status: 200 },
    { kind: "saw", chatId: "c", at: at + 6, clientData: { of: id } },
    { kind: "over", chatId: "c", at: at + 8 },
  ];
}

describe("the inspector's turns", () => {
  test("whatever the order in which facts are told, each belongs to its message", () => {
    const facts = [...proxied("a", 100), ...proxied("b", 200)];
    const orders = [facts, facts.toReversed(), facts.toSorted((one, two) => one.kind.localeCompare(two.kind))];
    for (const order of orders) {
      assert.deepEqual(toTurns(order.map(number), {}), toTurns(facts.map(number), {}));
    }
    const turns = toTurns(facts.map(number), {});
    assert.deepEqual(turns.map(({ saw }) => saw?.clientData), [{ of: "a" }, { of: "b" }]);
    assert.deepEqual(turns.map(({ id }) => id), ["a", "b"]);
    assert.deepEqual(turns.map(({ around }) => around), [false, false]);
    assert.deepEqual(turns[0]!.moments, { arrived: 100, reached: 102, saw: 106, over: 108 });
    assert.equal(verdictOf(turns[0]!, "__cf").label, "stamped");
  });

  test("a message that the agent turned down takes no other message's signals", () => {
    const facts: Fact[] = [
      { kind: "reached", ...append("x"), at: 50, body: message("x", { userId: "you" }) },
      { kind: "over", chatId: "c", at: 60, error: "[]" },
      ...proxied("a", 100),
    ];
    const [around, stamped] = toTurns(facts.map(number), {});
    assert.equal(around!.saw, undefined);
    assert.equal(verdictOf(around!, "__cf").label, "turned down: no stamp");
    assert.deepEqual(stamped!.saw, { clientData: { of: "a" } });
  });

  test("a message that the proxy refused never waits for the agent", () => {
    const facts: Fact[] = [
      { kind: "arrived", ...append("x"), at: 50, body: message("x", {}) },
      { kind: "answered", ...append("x"), at: 51, status: 422, code: "edge_server_field", sentence: "No" },
      ...proxied("a", 100),
    ];
    const [refused, stamped] = toTurns(facts.map(number), {});
    assert.deepEqual(refused!.refused, { status: 422, code: "edge_server_field", sentence: "No" });
    assert.equal(verdictOf(refused!, "__cf").label, "refused by the proxy");
    assert.deepEqual(stamped!.saw, { clientData: { of: "a" } });
  });

  test("a stop is no message", () => {
    const stop: Fact = { kind: "arrived", ...append("s"), at: 90, body: body({ kind: "stop" }) };
    assert.deepEqual(toTurns([...proxied("a", 100), stop].map(number), {}).map(({ id }) => id), ["a"]);
  });
});

test("errors are said in words", () => {
  const where = { name: "The proxy", url: "http://proxy" };
  assert.equal(
    explain('appendToSessionStream failed: 403 {"ok":false,"error":"Not so","code":"edge_x"}', where),
    "The proxy refused the message: Not so (edge_x)",
  );
  assert.equal(
    explain("appendToSessionStream failed: 502 <html>", where),
    "The proxy refused the message: it answered 502",
  );
  assert.equal(
    explain("Failed to fetch", where),
    "The proxy at http://proxy could not be reached: see whether it still runs",
  );
  assert.equal(explain("anything else", where), "anything else");
});
