/** Header hygiene both ways: what never goes up, what never comes back, and what always does. */
import assert from "node:assert/strict";
import { type Field, valueOf, valuesOf } from "../http1.ts";
import { APPEND, asCaller, bearer, CHANNEL, CHAT, messageBody, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import { STEER } from "../../runtime/signals.ts";
import { assertRefused, assertSafe, authority, type Case, send, theOne } from "../surface.ts";
import { answerOf } from "./answers.ts";

const TARGET = `/api/v1/sessions/${CHAT}`;

const DROPPED: readonly Field[] = [
  ["Cookie", "session=secret"],
  ["Forwarded", "for=6.6.6.6"],
  ["X-Forwarded-For", "6.6.6.6"],
  ["X-Forwarded-Host", "evil.test"],
  ["X-Forwarded-Proto", "https"],
  ["x-forwarded-anything", "1"],
  ["X-Real-IP", "6.6.6.6"],
  ["True-Client-IP", "6.6.6.6"],
  ["CF-Connecting-IP", "6.6.6.6"],
  ["X-Edge-Pass", "pass"],
  ["TE", "trailers"],
  ["Trailer", "x-later"],
  ["Keep-Alive", "timeout=5"],
  ["Proxy-Authorization", "Basic eA=="],
  ["Proxy-Connection", "keep-alive"],
  ["HTTP2-Settings", "AAMAAABkAAQAAP__"],
  [STEER, "wait 0"],
];

const KEPT: readonly Field[] = [
  ["Accept", "application/json, text/plain;q=0.5"],
  ["User-Agent", "chat/1.0"],
  ["traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"],
  ["x-trigger-source", "sdk"],
  ["x-trigger-branch", "feat/a"],
  ["x-trigger-api-version", "2025-07-16"],
  ["Last-Event-ID", "42"],
  ["X-Peek-Settled", "true"],
  ["Timeout-Seconds", "60"],
  ["Idempotency-Key", "k-1"],
  ["If-None-Match", `"a"`],
  ["X-Own", "latin1: \u00e9"],
];

const CALLS = [
  ["a message", { target: APPEND, body: messageBody() }],
  ["an untouched post", { target: TARGET, body: "{}" }],
  ["a read", { method: "GET", target: TARGET }],
] as const;

/** What comes back to a browser, and to a server. */
const S2: readonly Field[] = [["x-s2-access-token", "t"], ["X-S2-Stream-Name", "s"], ["x-s2-endpoint", "e"]];

async function returnsS2(surface: Parameters<Case["run"]>[0], token: string, returned: boolean): Promise<void> {
  surface.upstream.answer(answerOf(202, S2, "{}"));
  const { answer } = await send(surface, { method: "GET", target: CHANNEL, fields: [bearer(token)] });
  for (const [name, value] of S2) {
    assert.equal(valueOf(answer.fields, name.toLowerCase()), returned ? value : undefined);
  }
}

export const headers: readonly Case[] = [
  ...CALLS.map(([name, call]): Case => ({
    name: `drops what is nobody's business and keeps the rest, on ${name}`,
    async run(surface) {
      const fields = [...asCaller(PUBLIC_TOKEN), ...DROPPED, ...KEPT];
      const request = theOne(surface, await send(surface, { ...call, fields }));
      for (const [key] of DROPPED) {
        const arrived = valuesOf(request.fields, key.toLowerCase());
        assert.deepEqual(arrived, [], `${key}: ${arrived.join()}`);
      }
      for (const [key, value] of KEPT) assert.deepEqual(valuesOf(request.fields, key.toLowerCase()), [value]);
    },
  })),
  {
    name: "lets no Connection header choose what is dropped",
    async run(surface) {
      const fields: Field[] = asCaller(PUBLIC_TOKEN, ["Connection", "close, Authorization, X-Part-Id, Content-Type"], [
        "X-Part-Id",
        "p1",
      ]);
      const request = theOne(surface, await send(surface, { target: APPEND, fields, body: messageBody() }));
      assert.equal(valueOf(request.fields, "authorization"), `Bearer ${PUBLIC_TOKEN}`);
      assert.equal(valueOf(request.fields, "x-part-id"), "p1");
      assert.equal(valueOf(request.fields, "content-type"), "application/json");
      assert.doesNotMatch(valueOf(request.fields, "connection") ?? "", /authorization/i);
    },
  },
  {
    name: "calls the upstream by its own name",
    async run(surface) {
      const request = theOne(
        surface,
        await send(surface, { method: "GET", target: TARGET, fields: [["Host", "chat.example.com:8443"]] }),
      );
      assert.deepEqual(valuesOf(request.fields, "host"), [authority(surface)]);
    },
  },
  {
    name: "returns no cookies, no hop's headers, and none that a browser would hold against the whole host",
    async run(surface) {
      const own: Field[] = [
        ["set-cookie", "a=1; Path=/"],
        ["set-cookie", "b=2"],
        ["keep-alive", "timeout=99"],
        ["proxy-authenticate", "Basic"],
        ["trailer", "x"],
        ["alt-svc", `h3=":443"`],
        ["strict-transport-security", "max-age=31536000; includeSubDomains"],
        ["clear-site-data", `"cookies"`],
        ["nel", "{}"],
        ["report-to", "{}"],
        ["x-kept", "1"],
      ];
      surface.upstream.answer(answerOf(200, own, "{}"));
      const { answer } = await send(surface, { method: "GET", target: TARGET, fields: [bearer(SECRET_KEY)] });
      for (const [name] of own) {
        if (name !== "keep-alive" && name !== "x-kept") assert.deepEqual(valuesOf(answer.fields, name), [], name);
      }
      assert.notEqual(valueOf(answer.fields, "keep-alive"), "timeout=99");
      assert.equal(valueOf(answer.fields, "x-kept"), "1");
    },
  },
  { name: "returns no stream credentials to a browser", run: (surface) => returnsS2(surface, PUBLIC_TOKEN, false) },
  { name: "returns stream credentials to a server", run: (surface) => returnsS2(surface, SECRET_KEY, true) },
  {
    name: "answers Expect: 100-continue itself",
    async run(surface) {
      const exchanged = await send(surface, {
        target: APPEND,
        fields: asCaller(PUBLIC_TOKEN, ["Expect", "100-continue"]),
        body: messageBody(),
      });
      theOne(surface, exchanged);
      assert.equal(exchanged.answer.status, 200);
    },
  },
  {
    name: "refuses to upgrade",
    async run(surface) {
      for (const protocol of ["websocket", "h2c"]) {
        const fields: Field[] = [bearer(PUBLIC_TOKEN), ["Connection", "Upgrade"], ["Upgrade", protocol], [
          "Sec-WebSocket-Key",
          "dGhlIHNhbXBsZSBub25jZQ==",
        ], ["Sec-WebSocket-Version", "13"]];
        const exchanged = await send(surface, { method: "GET", target: TARGET, fields });
        assert.equal(exchanged.arrived.length, 0);
        assert.notEqual(exchanged.answer.status, 101);
        if (exchanged.answer.status !== 0) assertRefused(exchanged, 400, "edge_upgrade_unsupported");
      }
    },
  },
  {
    name: "passes no upgrade on with a message",
    async run(surface) {
      const fields = asCaller(PUBLIC_TOKEN, ["Connection", "Upgrade"], ["Upgrade", "h2c"]);
      assertSafe(surface, await send(surface, { target: APPEND, fields, body: messageBody() }));
    },
  },
];
