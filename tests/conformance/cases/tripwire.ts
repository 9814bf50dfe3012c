/** Where nothing is stamped, a browser's body has no business with the namespace. */
import assert from "node:assert/strict";
import { APPEND, asCaller, CHAT, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import { assertRefused, type Case, send, theOne } from "../surface.ts";

const nest = (json: string, levels: number): string => levels === 0 ? json : nest(JSON.stringify(json), levels - 1);

const ELSEWHERE = "edge_namespace_elsewhere";
const STORED = "edge_payload_elsewhere";

const CAUGHT: readonly (readonly [name: string, body: string, code: string])[] = [
  ["a key", `{"__edge":1}`, ELSEWHERE],
  ["a key deep down", `{"items":[{"payload":{"metadata":{"__edge":{"botScore":99}}}}]}`, ELSEWHERE],
  ["an escaped key", `{"\\u005f_edge":1}`, ELSEWHERE],
  ["a wholly escaped key", `{"\\u005f\\u005F\\u0065\\u0064\\u0067\\u0065":1}`, ELSEWHERE],
  ["a key before white space", `{"__edge" \n\t: 1}`, ELSEWHERE],
  ["a key in a string", JSON.stringify({ payload: nest(`{"__edge":1}`, 1) }).replace(/^/, ""), ELSEWHERE],
  ["a key in a string in a string", `{"payload":${nest(`{"__edge":1}`, 2)}}`, ELSEWHERE],
  ["a key in a string in a string in a string", `{"payload":${nest(`{"__edge":1}`, 3)}}`, ELSEWHERE],
  ["an escaped key in a string", `{"payload":${nest(`{"\\u005f_edge":1}`, 1)}}`, ELSEWHERE],
  ["a key in the second line", `{"a":1}\n{"__edge":1}\n`, ELSEWHERE],
  ["a key behind a byte order mark", `\ufeff{"__edge":1}`, ELSEWHERE],
  ["a key in a list", `[[{"__edge":1}]]`, ELSEWHERE],
  ["a payload elsewhere", `{"payload":"packets/x","options":{"payloadType":"application/store"}}`, STORED],
  ["a payload elsewhere, in escapes", `{"options":{"payload\\u0054ype":"application\\/store"}}`, STORED],
];

const FREE: readonly (readonly [name: string, body: string])[] = [
  ["a text about it", `{"text":"the key \\"__edge\\": is reserved"}`],
  ["a value like it", `{"key":"__edge","list":["__edge"]}`],
  ["a longer key", `{"__edges":1,"x__edge":2,"__EDGE":3}`],
  ["another payload type", `{"options":{"payloadType":"application/json"},"note":"application/store"}`],
  ["no JSON", `__edge: 1`],
];

const TARGETS = [
  "/api/v1/tasks/t/trigger",
  "/api/v3/batches/b/items",
  `/realtime/v1/sessions/${CHAT}/channels/files/in/append`,
  "/realtime/v1/streams/run_1/input/s",
];

export const tripwire: readonly Case[] = [
  ...CAUGHT.map(([name, body, code]): Case => ({
    name: `refuses ${name} where nothing is stamped`,
    async run(surface) {
      for (const target of TARGETS) {
        for (
          const fields of [
            asCaller(PUBLIC_TOKEN),
            asCaller(PUBLIC_TOKEN).map(([key, value]) =>
              [key, value.replace("application/json", "text/plain")] as const
            ),
          ]
        ) {
          assertRefused(await send(surface, { target, fields, body }), 422, code);
        }
        for (const [token, server] of [[SECRET_KEY, "standard"], [PUBLIC_TOKEN, "off"]] as const) {
          const passed = theOne(surface, await send(surface, { target, fields: asCaller(token), body }, server));
          assert.equal(passed.body.toString(), body);
        }
      }
    },
  })),
  ...FREE.map(([name, body]): Case => ({
    name: `passes ${name} where nothing is stamped`,
    async run(surface) {
      for (const target of [...TARGETS, APPEND]) {
        const passed = theOne(surface, await send(surface, { target, fields: asCaller(PUBLIC_TOKEN), body }));
        assert.equal(passed.body.toString(), body);
      }
    },
  })),
  {
    name: "refuses a browser's encoded body, which cannot be searched",
    async run(surface) {
      for (const target of TARGETS) {
        const fields = asCaller(PUBLIC_TOKEN, ["Content-Encoding", "gzip"]);
        assertRefused(await send(surface, { target, fields, body: "x" }), 415, "edge_body_encoded");
      }
    },
  },
  {
    name: "refuses the namespace in a record of another kind",
    async run(surface) {
      const request = { target: APPEND, fields: asCaller(PUBLIC_TOKEN), body: `{"kind":"note","data":{"__edge":1}}` };
      assertRefused(await send(surface, request), 422, ELSEWHERE);
    },
  },
];
