import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeBody } from "../../src/body.ts";
import type { Refusal, RefusalCode } from "../../src/errors.ts";
import { chatsOf, guardHead, guardPayload, guardRecord, type GuardSetting } from "../../src/guard.ts";
import type { RouteName } from "../../src/routes.ts";
import { compileShapes } from "../../src/shapes.ts";
import { member, scan } from "../../src/scan.ts";

const SHAPE = compileShapes("__edge").append.full;

/** Route and method → what each setting says to a public token. */
const HEADS: readonly [route: RouteName, method: string, standard: RefusalCode | "ok", chat: RefusalCode | "ok"][] = [
  ["create", "POST", "ok", "ok"],
  ["create", "GET", "ok", "edge_route_refused"],
  ["append", "POST", "ok", "ok"],
  ["channel", "GET", "ok", "ok"],
  ["channel", "HEAD", "ok", "ok"],
  ["channel", "PUT", "edge_credentials_refused", "edge_credentials_refused"],
  ["channel", "POST", "ok", "edge_route_refused"],
  ["records", "GET", "ok", "ok"],
  ["snapshot", "GET", "ok", "edge_route_refused"],
  ["snapshot", "PUT", "edge_snapshot_refused", "edge_snapshot_refused"],
  ["end-and-continue", "POST", "edge_handover_refused", "edge_handover_refused"],
  ["other", "GET", "ok", "edge_route_refused"],
  ["other", "POST", "ok", "edge_route_refused"],
  ["other", "PUT", "ok", "edge_route_refused"],
];

function outcome(judge: () => void): RefusalCode | "ok" {
  try {
    judge();
    return "ok";
  } catch (error) {
    return (error as Refusal).code;
  }
}

describe("guardHead()", () => {
  for (const [route, method, standard, chat] of HEADS) {
    test(`${method} ${route}`, () => {
      const judge = (setting: GuardSetting, caller: "public" | "server"): RefusalCode | "ok" =>
        outcome(() => guardHead(setting, caller, route, method));
      assert.equal(judge("standard", "public"), standard);
      assert.equal(judge("chat", "public"), chat);
      assert.equal(judge("off", "public"), "ok");
      for (const setting of ["standard", "chat", "off"] as const) assert.equal(judge(setting, "server"), "ok");
    });
  }
});

const PAYLOADS: readonly [payload: string, code: RefusalCode | "ok"][] = [
  ["{}", "ok"],
  ["null", "ok"],
  ['{"chatId":"c"}', "ok"],
  ['{"chatId":"\\u0063"}', "ok"],
  ['{"chatId":"c","sessionId":"session_1"}', "ok"],
  ['{"chatId":"d"}', "edge_chat_mismatch"],
  ['{"chatId":"C"}', "edge_chat_mismatch"],
  ['{"chatId":null}', "edge_chat_mismatch"],
  ['{"chatId":["c"]}', "edge_chat_mismatch"],
  ['{"sessionId":"session_2"}', "edge_chat_mismatch"],
  ['{"chatId":"c","chatId":"c"}', "edge_key_repeated"],
  ['{"chatId":"d","ch\\u0061tId":"c"}', "edge_key_repeated"],
  ['{"continuation":true}', "edge_server_field"],
  ['{"previousRunId":"run_1"}', "edge_server_field"],
  ['{"channelEvent":{}}', "edge_server_field"],
  ['{"action\\u0053ource":"webhook"}', "edge_server_field"],
  ['{"headStartMessages":[]}', "edge_server_field"],
  ['{"message":{"role":"user"}}', "ok"],
  ['{"message":{"role":"assistant"}}', "ok"],
  ['{"message":{"role":"system"}}', "edge_message_role"],
  ['{"message":{"r\\u006fle":"s\\u0079stem"}}', "edge_message_role"],
  ['{"message":{"role":"user","role":"system"}}', "edge_key_repeated"],
  ['{"message":null}', "ok"],
  ['{"body":{"continuation":true,"chatId":"d"}}', "ok"],
];

describe("guardPayload()", () => {
  const judge = (payload: string, allowSystem = false): RefusalCode | "ok" => {
    const source = decodeBody(new TextEncoder().encode(`{"kind":"message","payload":${payload}}`));
    const found = member(scan(source, SHAPE, 256), "payload");
    return outcome(() => guardPayload(source, found, ["c", "session_1"], allowSystem));
  };
  for (const [payload, code] of PAYLOADS) test(`${payload} → ${code}`, () => assert.equal(judge(payload), code));
  test("the role system, where it is allowed", () => assert.equal(judge('{"message":{"role":"system"}}', true), "ok"));
});

describe("guardRecord()", () => {
  const judge = (record: string): RefusalCode | "ok" => {
    const source = decodeBody(new TextEncoder().encode(record));
    return outcome(() => guardRecord(source, scan(source, SHAPE, 256)));
  };
  for (const kind of ["handover", "handover-skip", "h\\u0061ndover"]) {
    test(`refuses ${kind}`, () => assert.equal(judge(`{"kind":"${kind}"}`), "edge_record_kind"));
  }
  for (const record of ['{"kind":"stop"}', '{"kind":["handover"]}', "{}", "handover", '"handover"']) {
    test(`passes ${record}`, () => assert.equal(judge(record), "ok"));
  }
});

describe("chatsOf()", () => {
  const scopes = btoa(JSON.stringify({ scopes: ["write:sessions:mine", "read:sessions:other"] })).replaceAll("=", "");
  const token = `Bearer e30.${scopes}.c2ln`;
  test("the path's id is the chat's", () => assert.deepEqual(chatsOf("mine", token), ["mine"]));
  test("a session_ id stands for what the token may write", () =>
    assert.deepEqual(chatsOf("session_1", token), ["session_1", "mine"]));
});
