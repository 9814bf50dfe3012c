/** Schemas of three libraries for the client data and the signals: what each makes of them, and what it refuses. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type } from "arktype";
import type { JWK } from "jose";
import * as v from "valibot";
import { z } from "zod";
import type { StandardSchema } from "../../src/agent.ts";
import { makeAgent, startRun } from "./agent.ts";
import { createEdge, type Edge, modes, type Payload, SIGNALS, submit } from "./edge.ts";

/** One library's spelling of the same: a user's id, a date that is sent as text, and signals with a default. */
interface Spelling {
  readonly clientData: unknown;
  readonly signals: unknown;
}

const SPELLINGS: Readonly<Record<string, Spelling>> = {
  zod: {
    clientData: z.object({ userId: z.string().min(1), since: z.string().transform((text) => new Date(text)) }),
    signals: z.object({ botScore: z.number(), country: z.string(), asn: z.number().default(0) }),
  },
  "zod, asynchronous": {
    clientData: z.object({
      userId: z.string().refine(async (id) => await Promise.resolve(id !== "")),
      since: z.string().transform(async (text) => await Promise.resolve(new Date(text))),
    }),
    signals: z.object({ botScore: z.number(), country: z.string(), asn: z.number().default(0) }),
  },
  valibot: {
    clientData: v.object({
      userId: v.pipe(v.string(), v.nonEmpty()),
      since: v.pipe(v.string(), v.transform((text) => new Date(text))),
    }),
    signals: v.object({ botScore: v.number(), country: v.string(), asn: v.optional(v.number(), 0) }),
  },
  arktype: {
    clientData: type({ "+": "delete", userId: "string > 0", since: "string.date.parse" }),
    signals: type({ "+": "delete", botScore: "number", country: "string", asn: "number = 0" }),
  },
};

let edge: Edge;
let keys: JWK[];

before(async () => {
  const [mode] = await modes();
  keys = mode!.keys;
  edge = await createEdge(mode!.seal);
});

after(() => edge.close());

for (const [library, { clientData, signals }] of Object.entries(SPELLINGS)) {
  describe(library, () => {
    const sent = { userId: "ada", since: "2026-01-02", extra: 1 };
    const told = {
      userId: "ada",
      since: new Date("2026-01-02"),
      __edge: { botScore: SIGNALS.botScore, country: SIGNALS.country, asn: 0 },
    };
    const preload: Payload = { chatId: "c1", trigger: "preload", metadata: sent };
    const schemas = { clientData, signals } as { clientData: StandardSchema<never, never>; signals: never };

    test("hooks get what it makes of them", async () => {
      const agent = makeAgent(edge, { keys, ...schemas });
      const run = await startRun(agent, { boot: await edge.create(preload) });
      assert.deepEqual((await run.send(await edge.append(submit("c1", "hi", sent)))).errors, []);
      assert.deepEqual(agent.seen.map(({ hook }) => hook).slice(0, 2), ["onBoot", "onPreload"]);
      for (const { hook, clientData } of agent.seen) assert.deepEqual(clientData, told, hook);
      await run.close();
    });

    test("what does not fit is refused, and named for the log without what was sent", async () => {
      const agent = makeAgent(edge, { keys, ...schemas });
      const run = await startRun(agent, { boot: await edge.create(preload) });
      const secret = "s3cret-value";
      const rows: readonly [metadata: Record<string, unknown>, place: RegExp][] = [
        [{ userId: 7, since: "2026-01-02", extra: secret }, /^Error: it does not fit at userId$/],
        [{ userId: [secret], since: "2026-01-02" }, /at userId$/],
        [{ userId: "" }, /at (?:userId, since|since, userId|userId)$/],
        [{ userId: "ada", since: { at: secret } }, /at since$/],
      ];
      for (const [metadata, place] of rows) {
        assert.deepEqual((await run.send(await edge.append(submit("c1", "hi", metadata)))).errors, [
          "This message came with data that the agent cannot read: reload the page and send it again",
        ]);
        const { refusal } = agent.refused.at(-1)!;
        assert.equal(refusal.reason, "client_data");
        assert.match(String(refusal.cause), place);
        assert.ok(!String(refusal.cause).includes(secret));
      }
      edge.tell({ ...SIGNALS, botScore: "87" });
      const payload = await edge.append(submit("c1", "hi", sent));
      edge.tell(SIGNALS);
      assert.equal((await run.send(payload)).errors.length, 1);
      assert.equal(agent.refused.at(-1)?.refusal.reason, "shape");
      assert.match(String(agent.refused.at(-1)?.refusal.cause), /at botScore$/);
      assert.deepEqual(agent.ran(), []);
      await run.close();
    });
  });
}
