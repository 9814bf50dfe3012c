/** Whose token it is: only what is plainly a server's is a server's. */
import assert from "node:assert/strict";
import { toBytes } from "../client.ts";
import type { Field } from "../http1.ts";
import { valuesOf } from "../http1.ts";
import { takenFor } from "../oracle.ts";
import {
  APPEND,
  CHANNEL,
  CREATE,
  createBody,
  jwt,
  messageBody,
  PUBLIC_TOKEN,
  RUN_TOKEN,
  SECRET_KEY,
} from "../requests.ts";
import { assertRefused, assertSafe, type Case, describe, send, type Surface, tryBytes } from "../surface.ts";

const auth = (...values: string[]): Field[] => values.map((value) => ["Authorization", value]);

/** What is held to the rules for public tokens. */
const PUBLIC: readonly (readonly [name: string, fields: readonly Field[]])[] = [
  ["no token", []],
  ["an empty token", auth("")],
  ["a scheme and nothing", auth("Bearer")],
  ["a scheme and spaces", auth("Bearer   ")],
  ["a public token", auth(`Bearer ${PUBLIC_TOKEN}`)],
  ["a public token without a scheme", auth(PUBLIC_TOKEN)],
  ["a public token behind two spaces", auth(`Bearer  ${PUBLIC_TOKEN}`)],
  ["a public token with a lower-case scheme", auth(`bearer ${PUBLIC_TOKEN}`)],
  ["a public token with a capital scheme", auth(`BEARER ${PUBLIC_TOKEN}`)],
  ["a public token of another scheme", auth(`Basic ${PUBLIC_TOKEN}`)],
  ["a public token twice", auth(`Bearer ${PUBLIC_TOKEN}`, `Bearer ${PUBLIC_TOKEN}`)],
  ["a public token before a secret key", auth(`Bearer ${PUBLIC_TOKEN}`, `Bearer ${SECRET_KEY}`)],
  ["a secret key before a public token", auth(`Bearer ${SECRET_KEY}`, `Bearer ${PUBLIC_TOKEN}`)],
  ["a public token, a comma and a secret key", auth(`Bearer ${PUBLIC_TOKEN}, Bearer ${SECRET_KEY}`)],
  ["a secret key, a comma and a public token", auth(`${SECRET_KEY}, ${PUBLIC_TOKEN}`)],
  ["a secret key and a public token", auth(`Bearer ${SECRET_KEY} ${PUBLIC_TOKEN}`)],
  ["a secret key twice", auth(`Bearer ${SECRET_KEY}`, `Bearer ${SECRET_KEY}`)],
  ["a secret key with a lower-case scheme", auth(`bearer ${SECRET_KEY}`)],
  ["a secret key of another scheme", auth(`Basic ${SECRET_KEY}`)],
  ["a public token that ends like a secret key", auth(`Bearer ${PUBLIC_TOKEN}.${SECRET_KEY}`)],
  ["a public token that begins like a secret key", auth(`Bearer tr_dev_${PUBLIC_TOKEN}`)],
  [
    "a token that claims to be a run's",
    auth(`Bearer ${jwt({ pub: true, typ: "run+jwt", scopes: ["write:sessions"] })}`),
  ],
  ["a secret key of no environment", auth("Bearer tr_any_abc")],
  ["a publishable key", auth("Bearer pk_dev_abc123")],
  ["a secret key in the query", []],
  ["a secret key behind a scheme twice", auth(`Bearer Bearer ${SECRET_KEY}`)],
  ["a secret key behind a no-break space", auth(`Bearer\xa0${SECRET_KEY}`)],
];

/** What is held to none of them. */
const SERVER: readonly (readonly [name: string, fields: readonly Field[]])[] = [
  ...["tr_dev_", "tr_prod_", "tr_stg_", "tr_preview_", "tr_pat_", "tr_dev_sk_", "tr_prod_sk_"].map((prefix) =>
    [`a key that begins with ${prefix}`, auth(`Bearer ${prefix}k3n9XcVbQ2`)] as const
  ),
  ["a secret key without a scheme", auth(SECRET_KEY)],
  ["a secret key behind two spaces", auth(`Bearer  ${SECRET_KEY}`)],
  ["a run's token", auth(`Bearer ${RUN_TOKEN}`)],
];

async function stampsBoth(surface: Surface, fields: readonly Field[]): Promise<void> {
  for (const [target, body] of [[APPEND, messageBody()], [CREATE, createBody()]] as const) {
    const exchanged = await tryBytes(surface, toBytes({ target, fields, body }));
    assertSafe(surface, exchanged);
    if (exchanged.answer.status === 200) assert.equal(exchanged.arrived.length, 1);
  }
}

export const tokens: readonly Case[] = [
  ...PUBLIC.map(([name, fields]): Case => ({
    name: `holds ${name} to the rules for public tokens`,
    async run(surface) {
      const target = name.includes("query") ? `${CHANNEL}?access_token=${SECRET_KEY}&token=${SECRET_KEY}` : CHANNEL;
      const exchanged = await tryBytes(surface, toBytes({ method: "PUT", target, fields }));
      assert.deepEqual(exchanged.arrived.map(({ method, target }) => takenFor(method, target)), []);
      // A server may itself refuse two of these fields.
      if (fields.length < 2 || exchanged.answer.status === 403) {
        assertRefused(exchanged, 403, "edge_credentials_refused");
      } else assert.equal(exchanged.answer.status, 400, describe(exchanged.answer));
      await stampsBoth(surface, fields);
    },
  })),
  ...SERVER.map(([name, fields]): Case => ({
    name: `takes ${name} for a server's`,
    async run(surface) {
      const { arrived } = await send(surface, { method: "PUT", target: CHANNEL, fields });
      assert.equal(arrived.length, 1);
      assert.deepEqual(valuesOf(arrived[0]!.fields, "authorization"), [fields[0]![1]]);
      await stampsBoth(surface, fields);
    },
  })),
];
