/** The guard's rules for payloads hold exactly: what they forbid is refused, and nothing else is. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { type Case, judge } from "./guard_model.ts";
import { check } from "./runs.ts";
import { type Doc, object, readTape, string, tapes, toDoc, write } from "./spelling.ts";
import { expect } from "./splice_model.ts";
import { NAMESPACE, post, publicToken, STAMP, through } from "./through_proxy.ts";

const IDS = ["chat-1", "chat-2", "session_abc", "session_def", "CHAT-1", "chat-1 ", "a/b", "a%2Fb", "чат 1", ""];
const ids = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...IDS).map(string) },
  fc.constantFrom<Doc>(...[null, 1, true, ["chat-1"], { id: "chat-1" }].map(toDoc)),
);
const values = fc.constantFrom<Doc>(...[null, false, true, "run_1", {}, [], 0].map(toDoc));
const roles = fc.constantFrom<Doc>(
  ...["user", "user", "assistant", "system", "System", " system", null, ["system"]].map(toDoc),
);
const messages: fc.Arbitrary<Doc> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.array(
      fc.oneof(fc.tuple(fc.constant("role"), roles), fc.tuple(fc.constantFrom("id", "parts", "Role"), values)),
      { maxLength: 3 },
    ).map((members) => object(...members)),
  },
  fc.constantFrom<Doc>(...[null, "system", ["system"]].map(toDoc)),
);

type Member = readonly [string, Doc];

const harmless = fc.tuple(
  fc.constantFrom("trigger", "messageId", "action", "trace", "ChatId", "continuation "),
  values,
);
const member: fc.Arbitrary<Member> = fc.oneof(
  { weight: 6, arbitrary: harmless },
  { weight: 2, arbitrary: fc.tuple(fc.constant("message"), messages) },
  fc.tuple(fc.constant("sessionId"), ids),
  fc.tuple(
    fc.constantFrom("continuation", "previousRunId", "channelEvent", "actionSource", "headStartMessages"),
    values,
  ),
);

const cases: fc.Arbitrary<Case> = fc.record({
  use: fc.constantFrom("create", "append"),
  session: fc.oneof(
    { weight: 3, arbitrary: fc.constant("chat-1") },
    fc.constantFrom("session_abc", "a/b", "a%2Fb", "чат 1", "50%"),
  ),
  scopes: fc.constantFrom<string[]>([], ["chat-1"], ["chat-1"], ["chat-2", "session_abc"], ["чат 1"]),
  externalId: fc.oneof(fc.constant(undefined), fc.constant(string("chat-1")), ids),
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant("message") },
    fc.constantFrom("stop", "handover", "handover-skip", "Handover", ""),
  ),
  payload: fc.oneof(
    {
      weight: 12,
      arbitrary: fc.tuple(
        fc.oneof({ weight: 3, arbitrary: fc.constant(string("chat-1")) }, ids),
        fc.boolean(),
        fc.array(member, { maxLength: 4 }),
      )
        .map(([chat, named, members]) => object(...(named ? [["chatId", chat] as const] : []), ...members)),
    },
    fc.constantFrom<Doc>(...[null, "text", []].map(toDoc)),
  ),
  allowSystem: fc.boolean(),
});

/** The body of the call that a case describes. */
function bodyOf({ use, externalId, kind, payload }: Case, decisions: readonly number[]): string {
  const external: Member[] = externalId === undefined ? [] : [["externalId", externalId]];
  const body = use === "append"
    ? object(["kind", string(kind)], ["payload", payload])
    : object(...external, ["triggerConfig", object(["basePayload", payload])]);
  return write(body, readTape(decisions));
}

/** The call that a case describes. */
function request({ use, session, scopes }: Case, body: string): Request {
  const authorization = `Bearer ${publicToken(...scopes.map((id) => `write:sessions:${id}`), "read:sessions:chat-9")}`;
  const path = use === "append" ? `/realtime/v1/sessions/${encodeURIComponent(session)}/in/append` : "/api/v1/sessions";
  return post(path, body, { authorization });
}

/** The codes of a refusal that has nothing to do with who calls: that is the splice's to judge. */
function spellings(body: string, { use }: Case): readonly string[] {
  return expect(body, use).refusals.filter((code) => code === "edge_key_escaped");
}

function stampOf(bytes: Uint8Array, use: Case["use"]): unknown {
  const body = JSON.parse(new TextDecoder().decode(bytes));
  return (use === "append" ? body.payload : body.triggerConfig.basePayload).metadata[NAMESPACE];
}

describe("the guard", () => {
  for (const guard of ["standard", "chat"] as const) {
    it(`refuses what its rules forbid, and nothing else: ${guard}`, async () => {
      const proxies = [false, true].map((allowSystemMessages) => through({ guard, allowSystemMessages }));
      let passed = 0;
      let tried = 0;
      await check(
        `guard ${guard}`,
        fc.asyncProperty(cases, tapes(), async (one, decisions) => {
          tried++;
          const body = bodyOf(one, decisions);
          const { code, sent } = await proxies[one.allowSystem ? 1 : 0]!(request(one, body));
          const codes = [...judge(one), ...spellings(body, one)];
          if (sent === undefined) {
            return assert.ok(codes.includes(code!), `refused with ${code}, allowed by the rules: ${codes.join()}`);
          }
          assert.deepEqual(codes, [], "forwarded, though the rules forbid it");
          passed++;
          if (one.use === "create" || one.kind === "message") {
            assert.deepEqual(stampOf(sent.bytes, one.use), STAMP);
          }
        }),
        800,
      );
      assert.ok(passed > tried / 10 && passed < tried, `${passed} of ${tried} passed: the property says little`);
    });
  }

  it("holds nobody to the payload's rules where it is off, and no server anywhere", async () => {
    const off = through({ guard: "off" });
    const standard = through({ guard: "standard" });
    await check(
      "guard off, and servers",
      fc.asyncProperty(cases, tapes(), async (one, decisions) => {
        // Where the stamp goes is no rule of the guard's.
        const isPlain = judge(one).every((code) => code !== "edge_container_type" && code !== "edge_key_repeated");
        const body = bodyOf(one, decisions);
        fc.pre(isPlain && spellings(body, one).length === 0);
        const server = request(one, body);
        server.headers.set("authorization", "Bearer tr_prod_abcdefghijkl");
        assert.notEqual((await off(request(one, body))).sent, undefined);
        assert.notEqual((await standard(server)).sent, undefined);
      }),
      300,
    );
  });
});
