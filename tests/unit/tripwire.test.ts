import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Refusal, RefusalCode } from "../../src/errors.ts";
import { tripwire } from "../../src/tripwire.ts";

const nest = (text: string, times: number): string => times === 0 ? text : nest(JSON.stringify(text), times - 1);
const inString = (text: string, times: number): string =>
  JSON.stringify({ payload: times === 1 ? text : inString(text, times - 1) });

const CAUGHT: readonly [body: string, code?: RefusalCode][] = [
  ['{"__cf":1}'],
  ['{"__cf"\n :1}'],
  ['{"a":[{"b":{"__cf":1}}]}'],
  ['{"\\u005f_cf":1}'],
  ['{"\\u005F\\u005f\\u0063\\u0066":1}'],
  ['{"__cf":1,"__cf":2}'],
  ['{"payload":{"__cf":1},"payload":{}}'],
  ['{"a":1}\n{"__cf":1}\n'],
  [inString('{"__cf":1}', 1)],
  [inString('{"\\u005f_cf":1}', 2)],
  [inString('{"__cf":1}', 3)],
  [nest('{"__cf":1}', 1)],
  [nest('{"__cf":1}', 3)],
  [nest(' [{"x":{"__cf":1}}]', 2)],
  ['{"options":{"payloadType":"application/store"}}', "edge_payload_elsewhere"],
  ['{"options":{"payload\\u0054ype":"application\\/store"}}', "edge_payload_elsewhere"],
];

const PASSED: readonly string[] = [
  "",
  "hello __cf",
  '{"a":"__cf"}',
  '{"a":"talking about \\"__cf\\" here"}',
  '{"a":"talking about \\"__cf\\": it is a key"}',
  '{"a":["__cf","b"]}',
  '{"__cfx":1,"x__cf":1,"__CF":1}',
  '{"a":"\\u00e9","b":"caf\\u00e9"}',
  '{"options":{"payloadType":"application/json"}}',
  '{"note":"application/store","payloadType":"application/super+json"}',
  '{"a":"\\ud800"}',
  '"__cf',
  inString('{"__cf":1}', 4),
];

describe("tripwire()", () => {
  for (const [body, code = "edge_namespace_elsewhere"] of CAUGHT) {
    test(`catches ${body}`, () => assert.throws(() => tripwire(body, "__cf"), (error: Refusal) => error.code === code));
  }
  for (const body of PASSED) test(`passes ${body}`, () => tripwire(body, "__cf"));
});
