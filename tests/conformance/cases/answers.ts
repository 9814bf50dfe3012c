/** Answers come back as the upstream gave them. */
import assert from "node:assert/strict";
import { type Field, valueOf, valuesOf } from "../http1.ts";
import type { Answer } from "../recorder.ts";
import { APPEND, asCaller, bearer, CHAT, messageBody, PUBLIC_TOKEN } from "../requests.ts";
import { keepsLengthOfStreams } from "../runtimes.ts";
import { type Case, send, theOne } from "../surface.ts";

const TARGET = `/api/v1/sessions/${CHAT}`;

/** An answer of these fields and this body, with its length. */
export function answerOf(status: number, fields: readonly Field[], body: string | Uint8Array): Answer {
  const lines = [...fields, ["content-length", String(Buffer.byteLength(body))]].map(([name, value]) =>
    `${name}: ${value}\r\n`
  );
  return ({ write }) =>
    write(
      Buffer.concat([Buffer.from(`HTTP/1.1 ${status} Said\r\n${lines.join("")}\r\n`, "latin1"), Buffer.from(body)]),
    );
}

const BODY = Buffer.from([0, 255, 195, 40, 10, 13, 123]);
const FIELDS: readonly Field[] = [
  ["content-type", "application/x-odd; charset=latin1"],
  ["etag", `"a"`],
  ["cache-control", "no-store"],
  ["x-trigger-jwt", "abc"],
  ["x-trigger-jwt-claims", `{"a":1}`],
  ["x-session-settled", "true"],
  ["retry-after", "3"],
  ["x-should-retry", "false"],
];

const passesStatus = (status: number): Case => ({
  name: `returns a ${status} with its headers, bytes and length`,
  async run(surface) {
    surface.upstream.answer(answerOf(status, FIELDS, BODY));
    const { answer } = await send(surface, { method: "GET", target: TARGET, fields: [bearer(PUBLIC_TOKEN)] });
    assert.equal(answer.status, status);
    assert.deepEqual(answer.body, BODY);
    assert.equal(valueOf(answer.fields, "content-length"), String(BODY.length));
    for (const [name, value] of FIELDS) assert.deepEqual(valuesOf(answer.fields, name), [value], name);
  },
});

/** Statuses that have no body: nothing may be made up for them. */
const passesEmpty = (status: number): Case => ({
  name: `returns a ${status} without a body`,
  async run(surface) {
    surface.upstream.answer(({ write }) => write(`HTTP/1.1 ${status} Nothing\r\netag: "a"\r\n\r\n`));
    for (const method of ["GET", "POST"]) {
      const { answer } = await send(surface, { method, target: TARGET, fields: [bearer(PUBLIC_TOKEN)] });
      assert.equal(answer.status, status);
      assert.equal(valueOf(answer.fields, "etag"), `"a"`);
      assert.equal(answer.body.length, 0);
    }
  },
});

export const answers: readonly Case[] = [
  ...[200, 201, 202, 207, 400, 401, 403, 404, 409, 418, 422, 429, 500, 503, 504].map(passesStatus),
  ...[204, 304].map(passesEmpty),
  {
    name: "returns a HEAD's headers, its length included, and no body",
    async run(surface) {
      surface.upstream.answer(({ write }) =>
        write(`HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\n`)
      );
      const { answer, arrived } = await send(surface, {
        method: "HEAD",
        target: TARGET,
        fields: [bearer(PUBLIC_TOKEN)],
      });
      assert.equal(arrived[0]?.method, "HEAD");
      assert.equal(answer.status, 200);
      assert.equal(valueOf(answer.fields, "content-type"), "text/plain");
      assert.equal(answer.body.length, 0);
      assert.equal(valueOf(answer.fields, "content-length"), "5");
    },
  },
  {
    name: "returns an answer without a length",
    async run(surface) {
      surface.upstream.answer(({ write }) =>
        write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n`)
      );
      const { answer } = await send(surface, { method: "GET", target: TARGET, fields: [bearer(PUBLIC_TOKEN)] });
      assert.equal(answer.body.toString(), "abcde");
    },
  },
  {
    name: "returns a large answer whole",
    async run(surface) {
      const body = Buffer.alloc(3 * 1024 * 1024, "0123456789abcdef\n");
      surface.upstream.answer(answerOf(200, [["content-type", "text/plain"]], body));
      const { answer } = await send(surface, { method: "GET", target: TARGET, fields: [bearer(PUBLIC_TOKEN)] });
      assert.ok(answer.body.equals(body));
      if (keepsLengthOfStreams(surface.runtime)) {
        assert.equal(valueOf(answer.fields, "content-length"), String(body.length));
      }
    },
  },
  {
    name: "returns what the upstream said of a stamped message",
    async run(surface) {
      surface.upstream.answer(
        answerOf(409, [["content-type", "application/json"]], `{"ok":false,"code":"session_closed"}`),
      );
      const exchanged = await send(surface, { target: APPEND, fields: asCaller(PUBLIC_TOKEN), body: messageBody() });
      theOne(surface, exchanged);
      assert.equal(exchanged.answer.status, 409);
      assert.equal(exchanged.answer.body.toString(), `{"ok":false,"code":"session_closed"}`);
    },
  },
];
