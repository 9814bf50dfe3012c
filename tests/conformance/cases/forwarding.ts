/** What is not stamped passes as it came: bytes, length, path, query, headers, answer. */
import assert from "node:assert/strict";
import { type Field, valueOf, valuesOf } from "../http1.ts";
import { APPEND, asCaller, bearer, CHAT, CREATE, PUBLIC_TOKEN, RUN_TOKEN, SECRET_KEY } from "../requests.ts";
import { type Case, send, theOne } from "../surface.ts";
import { beginUpload, eventually } from "../uploads.ts";

interface Row {
  readonly name: string;
  readonly method?: string;
  readonly target: string;
  readonly token?: string;
  readonly fields?: readonly Field[];
  readonly body?: string | Uint8Array;
}

const BINARY: Uint8Array = Uint8Array.from({ length: 2048 }, (_, i) => (i * 7) & 255);
const FIELDS: readonly Field[] = [["Content-Type", "application/octet-stream"], ["X-Trigger-Branch", "feat/a"], [
  "Idempotency-Key",
  "k1",
]];
const SESSION = `/realtime/v1/sessions/${CHAT}`;
const LATIN1 = Uint8Array.of(0x7b, 0x22, 0xe9, 0xff, 0xc3, 0x28, 0x22, 0x7d);

const BODIES: readonly Row[] = [
  { name: "a stop", target: APPEND, body: `{"kind":"stop","message":"enough"}` },
  { name: "a record of another kind", target: APPEND, body: ` {"kind" :"ping","n":1.0} ` },
  { name: "a record of plain text", target: APPEND, body: "hello, I am no JSON" },
  { name: "a record that is a JSON string", target: APPEND, body: `"just \\"words\\""` },
  { name: "a record that is a list", target: APPEND, body: `[1,2,{"kind":"message"}]` },
  { name: "an empty record", target: APPEND, body: "" },
  { name: "a record about the namespace", target: APPEND, body: `{"kind":"note","text":"what is \\"__edge\\"?"}` },
  { name: "a server's record", target: APPEND, token: SECRET_KEY, body: `{"kind":"handover","__edge":1}` },
  { name: "binary by a server", target: "/api/v2/packets/x.bin", method: "PUT", token: SECRET_KEY, body: BINARY },
  { name: "binary by a browser", target: "/api/v2/packets/x.bin", method: "PUT", body: BINARY },
  { name: "binary by a run", target: "/api/v1/runs/run_1/x", token: RUN_TOKEN, body: BINARY },
  {
    name: "lines of JSON by a server",
    target: "/api/v3/batches/b1/items",
    token: SECRET_KEY,
    body: `{"index":0}\n{"index":1}\n`,
  },
  { name: "lines of JSON by a browser", target: "/api/v3/batches/b1/items", body: `{"index":0}\n{"index":1}\n` },
  {
    name: "what is not UTF-8 by a server",
    target: "/api/v1/waitpoints/tokens/w/complete",
    token: SECRET_KEY,
    body: LATIN1,
  },
  { name: "what is not UTF-8 by a browser", target: "/api/v1/waitpoints/tokens/w/complete", body: LATIN1 },
  {
    name: "a namespace by a server",
    target: "/api/v1/tasks/t/trigger",
    token: SECRET_KEY,
    body: `{"payload":{"metadata":{"__edge":{}}}}`,
  },
  { name: "an empty post", target: `/api/v1/sessions/${CHAT}/close`, body: "" },
  { name: "a patch", target: `/api/v1/sessions/${CHAT}`, method: "PATCH", body: `{"tags":["a"]}` },
  { name: "a delete with a body", target: "/api/v1/schedules/s1", method: "DELETE", body: `{"a":1}` },
  {
    name: "a side channel's record",
    target: `${SESSION}/channels/files/in/append`,
    body: `{"kind":"message","payload":{"a":1}}`,
  },
  { name: "an append to out", target: `${SESSION}/out/append`, token: SECRET_KEY, body: `{"kind":"message"}` },
  { name: "a batch trigger", target: "/api/v2/tasks/batch", body: `{"items":[{"task":"t","payload":{"n":1e400}}]}` },
  { name: "an input stream's record", target: "/realtime/v1/streams/run_1/input/s", body: `{"data":{"x":1}}` },
  { name: "a create by another method", target: CREATE, method: "PUT", body: `{"a":1}` },
];

function passesBody({ name, target, method = "POST", token = PUBLIC_TOKEN, body = "" }: Row): Case {
  return {
    name: `passes ${name}, byte for byte and with its length`,
    async run(surface) {
      const sent = typeof body === "string" ? Buffer.from(body) : Buffer.from(body);
      const request = theOne(
        surface,
        await send(surface, { method, target, fields: [bearer(token), ...FIELDS], body }),
      );
      assert.equal(request.method, method);
      assert.equal(request.target, target);
      assert.deepEqual(request.body, sent);
      assert.equal(request.framing, sent.length);
      for (const [key, value] of FIELDS) assert.deepEqual(valuesOf(request.fields, key.toLowerCase()), [value]);
      assert.equal(valueOf(request.fields, "authorization"), `Bearer ${token}`);
    },
  };
}

const READS: readonly Row[] = [
  { name: "a read of out", target: `${SESSION}/out?timeout=60` },
  { name: "a read of in", target: `${SESSION}/in` },
  { name: "a read of records", target: `${SESSION}/in/records?after=1` },
  { name: "a read of a side channel", target: `${SESSION}/channels/files/out` },
  { name: "a read of a session", target: `/api/v1/sessions/${CHAT}` },
  { name: "a read of a create's path", target: CREATE },
  { name: "a query as it is spelled", target: "/api/v1/runs?a=%2F&b=+x&&c=%zz&d=é".replace("é", "%C3%A9") },
  { name: "an id as it is spelled", target: "/api/v3/runs/a%2Fb%20%C3%A9~!$'()*+,:@" },
  { name: "a delete", target: "/api/v1/schedules/s1", method: "DELETE" },
  { name: "a head", target: `${SESSION}/in`, method: "HEAD" },
  { name: "credentials for a server", target: `${SESSION}/in`, method: "PUT", token: SECRET_KEY },
  { name: "credentials for out", target: `${SESSION}/out`, method: "PUT", token: SECRET_KEY },
  {
    name: "a snapshot's address for a server",
    target: `/api/v1/sessions/${CHAT}/snapshot-url`,
    method: "PUT",
    token: SECRET_KEY,
  },
];

function passesRead({ name, target, method = "GET", token = PUBLIC_TOKEN }: Row): Case {
  return {
    name: `passes ${name}`,
    async run(surface) {
      const request = theOne(
        surface,
        await send(surface, { method, target, fields: [bearer(token), ["Last-Event-ID", "7"]] }),
      );
      assert.equal(`${request.method} ${request.target}`, `${method} ${target}`);
      assert.equal(request.body.length, 0);
      assert.equal(valueOf(request.fields, "last-event-id"), "7");
    },
  };
}

export const forwarding: readonly Case[] = [
  ...BODIES.map(passesBody),
  ...READS.map(passesRead),
  {
    name: "passes a server's chunked body as it comes",
    async run(surface) {
      const fields = asCaller(SECRET_KEY);
      const request = theOne(
        surface,
        await send(surface, { target: "/api/v3/batches/b1/items", fields, body: BINARY, framing: "chunked" }),
      );
      assert.deepEqual(request.body, Buffer.from(BINARY));
    },
  },
  {
    name: "hands on a server's body before it has arrived whole",
    async run(surface) {
      const body = Buffer.alloc(200_000, "x");
      const upload = beginUpload(
        surface,
        { target: "/api/v3/batches/b1/items", fields: asCaller(SECRET_KEY), body },
        100_000,
      );
      const request = await upload.arrived();
      await eventually(() => request.body.length === 100_000, 15_000, "the first half arrives");
      upload.socket.write(body.subarray(100_000));
      assert.equal((await upload.opened()).status, 200);
      assert.ok(request.whole && request.body.equals(body));
      upload.socket.destroy();
    },
  },
];
