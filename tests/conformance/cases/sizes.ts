/** Limits are counted as bodies arrive, before the stamp and after it. */
import assert from "node:assert/strict";
import { NAMESPACE, SIGNALS } from "../../runtime/signals.ts";
import { APPEND, asCaller, bearer, CHAT, CREATE, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import { HELD_BYTES } from "../servers.ts";
import { assertRefused, type Case, send, theOne } from "../surface.ts";

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

export const sizes: readonly Case[] = [
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
