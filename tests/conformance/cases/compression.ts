/**
 * An upstream that compresses although it was asked not to: what the caller decodes by the headers
 * that it gets is what the upstream meant.
 */
import assert from "node:assert/strict";
import { promisify } from "node:util";
import * as zlib from "node:zlib";
import { open, toBytes, within } from "../client.ts";
import { type Field, valueOf } from "../http1.ts";
import { bearer, CHAT, PUBLIC_TOKEN } from "../requests.ts";
import { type Case, send, type Surface } from "../surface.ts";
import { answerOf } from "./answers.ts";

const TARGET = `/api/v1/sessions/${CHAT}`;

interface Coding {
  readonly encode: (bytes: Buffer) => Promise<Buffer>;
  readonly decode: (bytes: Buffer) => Promise<Buffer>;
}

/** The default, 11, takes seconds and tells a decoder nothing more. */
const QUICK: zlib.BrotliOptions = { params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4 } };

const CODINGS: Readonly<Record<string, Coding>> = {
  gzip: { encode: promisify(zlib.gzip), decode: promisify(zlib.gunzip) },
  deflate: { encode: promisify(zlib.deflate), decode: promisify(zlib.inflate) },
  br: {
    encode: (bytes) => promisify(zlib.brotliCompress)(bytes, QUICK),
    decode: promisify(zlib.brotliDecompress),
  },
  zstd: { encode: promisify(zlib.zstdCompress), decode: promisify(zlib.zstdDecompress) },
};

const TEXTS = [
  ["short", `{"short":"é"}`],
  ["long", JSON.stringify({ list: Array.from({ length: 20_000 }, (_, i) => ({ i, s: `item ${i}` })) })],
] as const;

/** What a caller makes of an answer: its body, decoded as its headers say. */
async function meaning(fields: readonly Field[], body: Buffer): Promise<string> {
  const codings = (valueOf(fields, "content-encoding") ?? "").split(",").map((name) => name.trim()).filter((name) =>
    name !== ""
  );
  let bytes = body;
  for (const name of codings.reverse()) bytes = await CODINGS[name]!.decode(bytes);
  return bytes.toString();
}

async function keepsMeaning(surface: Surface, codings: readonly string[], text: string): Promise<void> {
  let bytes: Buffer = Buffer.from(text);
  for (const name of codings) bytes = await CODINGS[name]!.encode(bytes);
  surface.upstream.answer(
    answerOf(200, [["content-type", "application/json"], ["content-encoding", codings.join(", ")]], bytes),
  );
  for (const accept of ["gzip, deflate, br, zstd", "identity"]) {
    const fields: Field[] = [bearer(PUBLIC_TOKEN), ["Accept-Encoding", accept]];
    const { answer, arrived } = await send(surface, { method: "GET", target: TARGET, fields });
    assert.equal(answer.status, 200);
    assert.ok(await meaning(answer.fields, answer.body) === text, "the caller reads something else");
    const length = valueOf(answer.fields, "content-length");
    assert.ok(length === undefined || Number(length) === answer.body.length);
    assert.ok(["identity", undefined].includes(valueOf(arrived[0]!.fields, "accept-encoding")));
  }
}

const CHAINS = [...Object.keys(CODINGS).map((name) => [name]), ["gzip", "br"]];

export const compression: readonly Case[] = [
  ...CHAINS.flatMap((codings) =>
    TEXTS.map(([size, text]): Case => ({
      name: `keeps the meaning of a ${size} answer in ${codings.join(" and ")}`,
      run: (surface) => keepsMeaning(surface, codings, text),
    }))
  ),
  {
    name: "keeps a coding that no runtime knows",
    async run(surface) {
      surface.upstream.answer(answerOf(200, [["content-type", "text/plain"], ["content-encoding", "x-own"]], "bytes"));
      const { answer } = await send(surface, { method: "GET", target: TARGET, fields: [bearer(PUBLIC_TOKEN)] });
      assert.equal(answer.body.toString(), "bytes");
      assert.equal(valueOf(answer.fields, "content-encoding"), "x-own");
    },
  },
  {
    name: "returns a HEAD and a 304 of a compressed resource",
    async run(surface) {
      for (const [method, status] of [["HEAD", 200], ["GET", 304]] as const) {
        surface.upstream.answer(({ write }) =>
          write(
            `HTTP/1.1 ${status} X\r\ncontent-encoding: gzip\r\ncontent-type: text/plain\r\ncontent-length: 20\r\n\r\n`,
          )
        );
        const { answer } = await send(surface, { method, target: TARGET, fields: [bearer(PUBLIC_TOKEN)] });
        assert.equal(answer.status, status);
        assert.equal(answer.body.length, 0);
      }
    },
  },
  {
    name: "delivers compressed events one by one",
    async run(surface) {
      const gzip = zlib.createGzip();
      const parts: Buffer[] = [];
      gzip.on("data", (part: Buffer) => parts.push(part));
      const next = async (text: string): Promise<Buffer> => {
        gzip.write(text);
        await new Promise<void>((resolve) => gzip.flush(() => resolve()));
        return Buffer.concat(parts.splice(0));
      };
      surface.upstream.answer(async ({ write, request }) => {
        await write(
          "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n",
        );
        await write(await next("data: 1\n\n"));
        await request.closed;
      });
      const { socket, opened } = open(
        surface.ports.standard,
        toBytes({ method: "GET", target: `/realtime/v1/sessions/${CHAT}/out` }),
      );
      const answer = await opened();
      const plain = valueOf(answer.fields, "content-encoding") === undefined;
      const { value } = await within(answer.parts.next(), 3_000, "the first event did not arrive");
      assert.ok(value !== undefined && (plain ? value.toString() === "data: 1\n\n" : value.length > 0));
      socket.destroy();
    },
  },
];
