/** CORS is answered here: for preflights and on every answer, and never by the upstream's own headers. */
import assert from "node:assert/strict";
import { type Field, valueOf, valuesOf } from "../http1.ts";
import { APPEND, asCaller, CHAT, CREATE, createBody, messageBody, PUBLIC_TOKEN } from "../requests.ts";
import { PAGE, type ServerName } from "../servers.ts";
import { type Case, type Exchanged, send, type Surface } from "../surface.ts";
import { STEER } from "../../runtime/signals.ts";
import { answerOf } from "./answers.ts";

const TARGET = `/api/v1/sessions/${CHAT}`;

const ORIGINS: readonly (readonly [name: string, to: ServerName, origin: string, allowed: string | undefined])[] = [
  ["a listed origin", "standard", PAGE, PAGE],
  ["an origin below a wildcard", "standard", "https://pr-7.example.org", "https://pr-7.example.org"],
  ["an origin two below a wildcard", "standard", "https://a.b.example.org", "https://a.b.example.org"],
  ["the wildcard's own name", "standard", "https://example.org", undefined],
  ["an origin that ends like a wildcard", "standard", "https://evilexample.org", undefined],
  ["an origin that goes on after a wildcard", "standard", "https://a.example.org.evil.test", undefined],
  ["a wildcard with an empty label", "standard", "https://.example.org", undefined],
  ["another scheme", "standard", "http://app.example.com", undefined],
  ["another port", "standard", `${PAGE}:8443`, undefined],
  ["a subdomain of a listed origin", "standard", "https://x.app.example.com", undefined],
  ["another origin", "standard", "https://evil.test", undefined],
  ["an opaque origin", "standard", "null", undefined],
  ["an origin in capitals", "standard", PAGE.toUpperCase(), undefined],
  ["two origins", "standard", `${PAGE}, https://evil.test`, undefined],
  ["a star", "chat", "https://anyone.test", "*"],
  ["a star and an opaque origin", "chat", "null", "*"],
  ["no policy", "off", PAGE, undefined],
];

function assertCors(to: ServerName, { answer: { fields } }: Exchanged, allowed: string | undefined): void {
  assert.equal(valueOf(fields, "access-control-allow-origin"), allowed);
  assert.equal(valuesOf(fields, "access-control-allow-origin").length, allowed === undefined ? 0 : 1);
  assert.equal(valueOf(fields, "access-control-expose-headers"), allowed === undefined ? undefined : "*");
  assert.equal(valueOf(fields, "access-control-allow-credentials"), undefined);
  const vary = valuesOf(fields, "vary").join(", ").toLowerCase();
  // A cache must not give one page what another was allowed.
  if (to === "standard") assert.match(vary, /\borigin\b/);
}

const UPSTREAMS_OWN: readonly Field[] = [
  ["access-control-allow-origin", "https://upstream.test"],
  ["access-control-allow-credentials", "true"],
  ["access-control-expose-headers", "x-upstream"],
  ["access-control-allow-methods", "TRACE"],
  ["vary", "Accept-Encoding"],
];

/** Every kind of answer that there is: preflight, the upstream's, a refusal, a failure. */
async function answersOf(surface: Surface, to: ServerName, origin: string): Promise<Exchanged[]> {
  const at: Field = ["Origin", origin];
  surface.upstream.answer(answerOf(200, UPSTREAMS_OWN, "{}"));
  const kinds: Exchanged[] = [];
  kinds.push(await send(surface, { method: "GET", target: TARGET, fields: asCaller(PUBLIC_TOKEN, at) }, to));
  kinds.push(await send(surface, { target: APPEND, fields: asCaller(PUBLIC_TOKEN, at), body: messageBody() }, to));
  kinds.push(await send(surface, { target: CREATE, fields: asCaller(PUBLIC_TOKEN, at), body: "not json" }, to));
  kinds.push(
    await send(surface, { target: `/${APPEND}`, fields: asCaller(PUBLIC_TOKEN, at), body: messageBody() }, to),
  );
  kinds.push(
    await send(
      surface,
      { target: CREATE, fields: asCaller(PUBLIC_TOKEN, at, [STEER, "throw"]), body: createBody() },
      to,
    ),
  );
  surface.upstream.answer(answerOf(500, UPSTREAMS_OWN, "oops"));
  kinds.push(await send(surface, { target: APPEND, fields: asCaller(PUBLIC_TOKEN, at), body: messageBody() }, to));
  return kinds;
}

const onEveryAnswer = ([name, to, origin, allowed]: (typeof ORIGINS)[number]): Case => ({
  name: `answers ${name} alike on answers, refusals and failures`,
  async run(surface) {
    const kinds = await answersOf(surface, to, origin);
    const statuses = kinds.map(({ answer }) => answer.status);
    assert.deepEqual(statuses, [to === "chat" ? 403 : 200, 200, 400, 400, 503, 500]);
    for (const kind of kinds) assertCors(to, kind, allowed);
    const vary = valuesOf(kinds[1]!.answer.fields, "vary").join(", ").toLowerCase();
    assert.match(vary, /accept-encoding/);
  },
});

const onPreflight = ([name, to, origin, allowed]: (typeof ORIGINS)[number]): Case => ({
  name: `answers the preflight of ${name} itself`,
  async run(surface) {
    const asked = "authorization,content-type,x-part-id,x-own-header";
    for (const target of [APPEND, CREATE, TARGET, "/anything", "//odd", "/%zz"]) {
      const fields: Field[] = [["Origin", origin], ["Access-Control-Request-Method", "POST"], [
        "Access-Control-Request-Headers",
        asked,
      ]];
      const exchanged = await send(surface, { method: "OPTIONS", target, fields }, to);
      assert.equal(exchanged.arrived.length, 0, "a preflight reached the upstream");
      assert.ok(exchanged.answer.status === 204 || exchanged.answer.status === 200);
      assertCors(to, exchanged, allowed);
      const { fields: told } = exchanged.answer;
      assert.equal(valueOf(told, "access-control-allow-headers"), allowed === undefined ? undefined : asked);
      if (allowed !== undefined) {
        assert.match(valueOf(told, "access-control-allow-methods") ?? "", /\bPOST\b/);
        assert.equal(valueOf(told, "access-control-max-age"), to === "standard" ? "120" : "600");
      }
    }
  },
});

export const cors: readonly Case[] = [
  ...ORIGINS.map(onEveryAnswer),
  ...ORIGINS.map(onPreflight),
  {
    name: "answers an unreachable upstream with CORS headers",
    async run(surface) {
      const exchanged = await send(surface, {
        target: APPEND,
        fields: asCaller(PUBLIC_TOKEN, ["Origin", PAGE]),
        body: messageBody(),
      }, "dead");
      assert.equal(exchanged.answer.status, 502);
      assertCors("standard", exchanged, PAGE);
    },
  },
  {
    name: "says nothing of CORS but Vary to a caller without an origin",
    async run(surface) {
      const exchanged = await send(surface, { method: "GET", target: TARGET, fields: asCaller(PUBLIC_TOKEN) });
      assertCors("standard", exchanged, undefined);
    },
  },
  {
    name: "never lets a requested header break out of its line",
    async run(surface) {
      const fields: Field[] = [["Origin", PAGE], ["Access-Control-Request-Headers", "x-a\r X-Injected: 1"]];
      const { answer } = await send(surface, { method: "OPTIONS", target: APPEND, fields });
      assert.equal(valueOf(answer.fields, "x-injected"), undefined);
      assert.ok(answer.status < 500);
    },
  },
];
