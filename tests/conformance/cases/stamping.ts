/** Creates and messages are stamped, and nothing else in them changes by a byte. */
import assert from "node:assert/strict";
import { NAMESPACE, SIGNALS, STEER } from "../../runtime/signals.ts";
import { type Field, valueOf, valuesOf } from "../http1.ts";
import {
  APPEND,
  asCaller,
  bearer,
  CHAT,
  CREATE,
  createBody,
  FORGED_MEMBER,
  messageBody,
  PUBLIC_TOKEN,
  RUN_TOKEN,
  SECRET_KEY,
  SESSION_ID,
} from "../requests.ts";
import { type Case, send, type Surface, theOne } from "../surface.ts";

const memberOf = (stamp: unknown): string => `"${NAMESPACE}":${JSON.stringify(stamp)}`;
const STAMP = memberOf(SIGNALS);

interface Row {
  readonly name: string;
  readonly target?: string;
  readonly fields?: readonly Field[];
  readonly body: string;
}

/** A message whose payload has `members` before its forged metadata. */
function payload(members: string): string {
  return `{"kind":"message","payload":{${members},"metadata":{"a":1,${FORGED_MEMBER}}}}`;
}

const chat = `"chatId":"${CHAT}"`;
const approval = `"message":{"id":"m2","role":"assistant","parts":[{"type":"tool-send","toolCallId":"t1",` +
  `"state":"approval-responded","approval":{"id":"a1","approved":true}}]}`;

/** Each holds the forged member once, where the stamp belongs. */
const FORGED: readonly Row[] = [
  { name: "a create by a server", target: CREATE, fields: asCaller(SECRET_KEY), body: createBody() },
  { name: "a create by a run", target: CREATE, fields: asCaller(RUN_TOKEN), body: createBody() },
  { name: "a create by a browser", target: CREATE, body: createBody() },
  { name: "a submitted message", body: messageBody() },
  { name: "a message by a server", fields: asCaller(SECRET_KEY), body: messageBody() },
  { name: "a regeneration", body: payload(`${chat},"trigger":"regenerate-message","messageId":"m1"`) },
  { name: "an action", body: payload(`${chat},"trigger":"action","action":{"type":"undo","to":[1,2]}`) },
  { name: "a tool approval", body: payload(`${chat},"trigger":"submit-message",${approval}`) },
  { name: "a close", body: payload(`${chat},"trigger":"close"`) },
  {
    name: "a message to a session by its own id",
    target: `/realtime/v1/sessions/${SESSION_ID}/in/append`,
    body: messageBody(),
  },
  {
    name: "a message to a chat whose id has escapes",
    target: "/realtime/v1/sessions/a%2Fb%20%C3%A9/in/append?x=1&y=%20",
    body: payload(`"chatId":"a/b é","trigger":"submit-message"`),
  },
  {
    name: "spellings that parsing would lose",
    body: payload(`${chat} , "n":[12345678901234567890,1.0,1e400,-0,\t1E-7],"s":"\\u0041\\/\\ud800é😀","d":1,"d":2`),
  },
  { name: "a namespace spelled with escapes", body: messageBody(`{"\\u005f_e\\u0064ge":0}`) },
  { name: "a body with a byte order mark", body: `\ufeff${messageBody()}` },
  {
    name: "a body called plain text",
    fields: [bearer(PUBLIC_TOKEN), ["Content-Type", "text/plain"]],
    body: messageBody(),
  },
  { name: "a body called nothing", fields: [bearer(PUBLIC_TOKEN)], body: messageBody() },
  { name: "a namespace in the middle", body: messageBody(`{ "a" : 1 , ${FORGED_MEMBER} , "b" : [ ] }`) },
];

function expected(body: string, { stamp }: Pick<Surface, "stamp">): string {
  const member = memberOf(stamp);
  return body.replace(/^\ufeff/, "").replace(`"\\u005f_e\\u0064ge":0`, member).replace(FORGED_MEMBER, member);
}

function stamps({ name, target = APPEND, fields = asCaller(PUBLIC_TOKEN), body }: Row): Case {
  return {
    name: `stamps ${name}`,
    async run(surface) {
      const exchanged = await send(surface, { target, fields, body });
      const request = theOne(surface, exchanged);
      assert.equal(exchanged.answer.status, 200);
      assert.equal(request.target, target);
      assert.equal(request.body.toString(), expected(body, surface));
      assert.equal(request.framing, request.body.length);
      assert.equal(valueOf(request.fields, "authorization"), valueOf(fields, "authorization"));
      assert.equal(valueOf(request.fields, "content-type"), valueOf(fields, "content-type"));
    },
  };
}

/** Bodies with no place yet: what is missing on the way is made. */
const PLACELESS: readonly (readonly [name: string, target: string, body: string, forwarded: string])[] = [
  [
    "no metadata",
    APPEND,
    `{"kind":"message","payload":{${chat}}}`,
    `{"kind":"message","payload":{${chat},"metadata":{${STAMP}}}}`,
  ],
  [
    "null metadata",
    APPEND,
    `{"kind":"message","payload":{"metadata":null}}`,
    `{"kind":"message","payload":{"metadata":{${STAMP}}}}`,
  ],
  [
    "empty metadata",
    APPEND,
    `{"kind":"message","payload":{"metadata":{ }}}`,
    `{"kind":"message","payload":{"metadata":{ ${STAMP}}}}`,
  ],
  ["no payload", APPEND, `{"kind":"message"}`, `{"kind":"message","payload":{"metadata":{${STAMP}}}}`],
  ["null payload", APPEND, `{"payload":null,"kind":"message"}`, `{"payload":{"metadata":{${STAMP}}},"kind":"message"}`],
  ["no triggerConfig", CREATE, `{"type":"t"}`, `{"type":"t","triggerConfig":{"basePayload":{"metadata":{${STAMP}}}}}`],
  ["nothing at all", CREATE, `{}`, `{"triggerConfig":{"basePayload":{"metadata":{${STAMP}}}}}`],
  [
    "null basePayload",
    CREATE,
    `{"triggerConfig":{"basePayload":null}}`,
    `{"triggerConfig":{"basePayload":{"metadata":{${STAMP}}}}}`,
  ],
];

const makesPlace = ([name, target, body, forwarded]: (typeof PLACELESS)[number]): Case => ({
  name: `makes the place for a stamp where there is ${name}`,
  async run(surface) {
    const request = theOne(surface, await send(surface, { target, fields: asCaller(PUBLIC_TOKEN), body }));
    assert.equal(request.body.toString(), forwarded);
  },
});

const PART_ID = "x-part-id";

/** Forged stamps of every kind, replaced to the byte. */
export const replacing: readonly Case[] = FORGED.map(stamps);

export const stamping: readonly Case[] = [
  ...replacing,
  ...PLACELESS.map(makesPlace),
  {
    name: "stamps null where the provider has nothing to say",
    async run(surface) {
      const fields = asCaller(PUBLIC_TOKEN, [STEER, "null"]);
      theOne(surface, await send(surface, { target: APPEND, fields, body: messageBody() }), null);
    },
  },
  {
    name: "stamps a chunked body and gives it a length",
    async run(surface) {
      const fields = asCaller(PUBLIC_TOKEN);
      const exchanged = await send(surface, { target: APPEND, fields, body: messageBody(), framing: "chunked" });
      assert.equal(theOne(surface, exchanged).framing, Buffer.byteLength(expected(messageBody(), surface)));
    },
  },
  {
    name: "keeps the part id of an append, and gives one to an append without",
    async run(surface) {
      const fields = asCaller(PUBLIC_TOKEN, ["X-Part-Id", "part-7"]);
      const kept = theOne(surface, await send(surface, { target: APPEND, fields, body: messageBody() }));
      assert.equal(valueOf(kept.fields, PART_ID), "part-7");
      // An empty one is none to the upstream.
      for (const fields of [asCaller(PUBLIC_TOKEN), asCaller(PUBLIC_TOKEN, ["X-Part-Id", ""])]) {
        const given = theOne(surface, await send(surface, { target: APPEND, fields, body: messageBody() }));
        assert.equal(valuesOf(given.fields, PART_ID).length, 1);
        assert.match(valueOf(given.fields, PART_ID) ?? "", /^[\da-f-]{36}$/);
      }
    },
  },
  {
    name: "stamps below a base path and above an upstream's prefix",
    async run(surface) {
      const exchanged = await send(surface, {
        target: `/mount${APPEND}`,
        fields: asCaller(PUBLIC_TOKEN),
        body: messageBody(),
      }, "mounted");
      assert.equal(theOne(surface, exchanged).target, `/up${APPEND}`);
    },
  },
];
