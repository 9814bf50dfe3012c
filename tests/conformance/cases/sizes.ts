/** Limits are counted as bodies arrive, before the stamp and after it. */
import assert from "node:assert/strict";
import { NAMESPACE, SIGNALS } from "../../runtime/signals.ts";
import { APPEND, asCaller, bearer, CHAT, CREATE, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import { HELD_BYTES } from "../servers.ts";
import type { Field } from "../http1.ts";
import { assertRefused, type Case, type Exchanged, send, theOne } from "../surface.ts";

const MIB = 1024 * 1024;
const STAMP_BYTES = Buffer.byteLength(`,"${NAMESPACE}":${JSON.stringify(SIGNALS)}`);

/** A body of exactly `size` bytes. */
function bodyOf(target: string, size: number): string {
  const [before, after] = target === CREATE
    ? [`{"externalId":"${CHAT}","triggerConfig":{"basePayload":{"metadata":{"s":"`, `"}}}}`]
    : [`{"kind":"message","payload":{"metadata":{"s":"`, `"}}}`];
  return before + "x".repeat(size - before.length - after.length) + after;
}

const ROUTES = [["append", APPEND, MIB], ["create", CREATE, 32 * 1024]] as const;
const FRAMINGS = ["length", "chunked"] as const;

const fits = ([name, target, limit]: (typeof ROUTES)[number], framing: (typeof FRAMINGS)[number]): Case => ({
  name: `takes ${name} that its stamp fills to the limit (${framing})`,
  async run(surface) {
    const body = bodyOf(target, limit - STAMP_BYTES);
    const request = theOne(surface, await send(surface, { target, fields: asCaller(PUBLIC_TOKEN), body, framing }));
    assert.equal(request.body.length, limit);
    assert.equal(request.framing, limit);
  },
});

const over = ([name, target, limit]: (typeof ROUTES)[number], framing: (typeof FRAMINGS)[number]): Case => ({
  name: `refuses ${name} that is over the limit, with its stamp or without (${framing})`,
  async run(surface) {
    for (const size of [limit - STAMP_BYTES + 1, limit - 1, limit, limit + 1, limit * 2]) {
      const exchanged = await send(surface, {
        target,
        fields: asCaller(PUBLIC_TOKEN),
        body: bodyOf(target, size),
        framing,
      });
      assertRefused(exchanged, 413, "edge_body_too_large");
      // By how much: a client can then send less.
      assert.match(exchanged.answer.body.toString(), size > limit ? /\d+ bytes over/ : /with its stamp \d+ bytes over/);
    }
  },
});

/** The largest head that each runtime's server hands on. What is beyond it answers itself, by a bare 431, 400 or 414. */
const HEAD_LIMIT = { bun: 16_384, node: 16_384, deno: 65_536, workerd: 400_000 };

const HEADS = [
  ["one large header", "/api/v1/x", (bytes: number): Field[] => [["X-A", "a".repeat(bytes)]]],
  [
    "many headers",
    "/api/v1/x",
    (bytes: number): Field[] => Array.from({ length: 60 }, (_, i) => [`X-${i}`, "a".repeat(bytes / 60)]),
  ],
  ["a cookie, which never goes upstream", "/api/v1/x", (bytes: number): Field[] => [["Cookie", "a".repeat(bytes)]]],
  ["a message", APPEND, (bytes: number): Field[] => [["X-A", "a".repeat(bytes)]]],
] as const;

const heads = ([name, target, fieldsOf]: (typeof HEADS)[number]): Case => ({
  name: `refuses a head over the limit: ${name}`,
  async run(surface) {
    const method = target === APPEND ? "POST" : "GET";
    const body = target === APPEND ? bodyOf(APPEND, 300) : "";
    const sent = (bytes: number): Promise<Exchanged> =>
      send(surface, { method, target, fields: [...asCaller(PUBLIC_TOKEN), ...fieldsOf(bytes)], body });
    assert.equal((await sent(12_000)).answer.status, 200);
    const exchanged = await sent(36_000);
    if (HEAD_LIMIT[surface.runtime] > 36_000) {
      assertRefused(exchanged, 431, "edge_head_too_large");
      assert.match(exchanged.answer.body.toString(), /\d+ bytes over 32768/);
    } else {
      assert.equal(exchanged.answer.status, 431);
      assert.equal(exchanged.arrived.length, 0);
    }
  },
});

export const sizes: readonly Case[] = [
  ...HEADS.map(heads),
  {
    name: "refuses a URL over the limit",
    async run(surface) {
      const target = `/api/v1/x?${"a".repeat(36_000)}`;
      const exchanged = await send(surface, { method: "GET", target, fields: [bearer(PUBLIC_TOKEN)] });
      if (HEAD_LIMIT[surface.runtime] > 36_000) assertRefused(exchanged, 431, "edge_head_too_large");
      else assert.deepEqual([exchanged.answer.status, exchanged.arrived.length], [431, 0]);
    },
  },
  ...ROUTES.flatMap((route) => FRAMINGS.map((framing) => fits(route, framing))),
  ...ROUTES.flatMap((route) => FRAMINGS.map((framing) => over(route, framing))),
  {
    name: "passes a record of a whole MiB",
    async run(surface) {
      const body = Buffer.alloc(MIB, "é");
      const request = theOne(surface, await send(surface, { target: APPEND, fields: [bearer(PUBLIC_TOKEN)], body }));
      assert.ok(request.body.equals(body));
    },
  },
  {
    name: "passes a server's large body, and holds no browser's beyond the limit",
    async run(surface) {
      const target = "/mount/api/v2/packets/x";
      const body = Buffer.alloc(HELD_BYTES + 1, "x");
      const passed = theOne(
        surface,
        await send(surface, { method: "PUT", target, fields: [bearer(SECRET_KEY)], body }, "mounted"),
      );
      assert.ok(passed.body.equals(body));
      for (const framing of FRAMINGS) {
        const request = { method: "PUT", target, fields: [bearer(PUBLIC_TOKEN)], body, framing };
        assertRefused(await send(surface, request, "mounted"), 413, "edge_body_too_large");
      }
      theOne(
        surface,
        await send(
          surface,
          { method: "PUT", target, fields: [bearer(PUBLIC_TOKEN)], body: body.subarray(1) },
          "mounted",
        ),
      );
    },
  },
  {
    name: "passes a server's body of many MiB",
    async run(surface) {
      const body = Buffer.alloc(8 * MIB, "0123456789abcde\n");
      const request = theOne(
        surface,
        await send(surface, { method: "PUT", target: "/api/v2/packets/x", fields: [bearer(SECRET_KEY)], body }),
      );
      assert.ok(request.body.equals(body));
      assert.equal(request.framing, body.length);
    },
  },
];
