/** Event streams arrive part by part: each at the client before the next is written. */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { open, type Opened, toBytes, within } from "../client.ts";
import { valueOf } from "../http1.ts";
import type { Exchange } from "../recorder.ts";
import { bearer, CHAT, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import { sendsHeadAtOnce } from "../runtimes.ts";
import type { Case, Surface } from "../surface.ts";
import { settle } from "../uploads.ts";

const OUT = `/realtime/v1/sessions/${CHAT}/out`;
const HEAD = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nx-stream-version: v2\r\n";

/** A stream that was opened through the proxy, and the upstream's end of it. */
interface Stream {
  readonly opened: Opened;
  readonly exchange: Exchange;
  readonly socket: Socket;
}

type Framing = "chunked" | "close";

const FIRST = ": hello\n\n";

/** Opens a stream; the upstream has sent the answer's head and a first comment. */
export async function openStream(
  surface: Surface,
  token: string,
  framing: Framing = "chunked",
  first = FIRST,
): Promise<Stream> {
  const reached = new Promise<Exchange>((resolve) => {
    surface.upstream.answer(async (exchange) => {
      const more = framing === "chunked" ? "transfer-encoding: chunked\r\n\r\n" : "connection: close\r\n\r\n";
      await exchange.write(HEAD + more + (framing === "chunked" && first !== "" ? chunk(first) : first));
      resolve(exchange);
      await exchange.request.closed;
    });
  });
  const fields = [bearer(token), ["Accept", "text/event-stream"]] as const;
  const { socket, opened } = open(surface.ports.standard, toBytes({ method: "GET", target: OUT, fields }));
  const [answer, exchange] = await Promise.all([opened(), within(reached, 3_000, "the stream was not asked for")]);
  return { opened: answer, exchange, socket };
}

/** A part in chunked framing. */
export function chunk(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

async function arrivesByParts(surface: Surface, token: string, framing: Framing): Promise<void> {
  const { opened, exchange, socket } = await openStream(surface, token, framing);
  assert.equal(opened.status, 200);
  assert.equal(valueOf(opened.fields, "content-type"), "text/event-stream");
  assert.equal(valueOf(opened.fields, "x-stream-version"), "v2");
  assert.equal(await readBytes(opened, FIRST.length), FIRST);
  for (let i = 0; i < 20; i++) {
    const event = `id: ${i}\nevent: batch\ndata: {"n":${i},"s":"${"é".repeat(i * 50)}"}\n\n`;
    await exchange.write(framing === "chunked" ? chunk(event) : event);
    assert.equal(await readBytes(opened, Buffer.byteLength(event)), event);
  }
  await exchange.write(framing === "chunked" ? "0\r\n\r\n" : "");
  exchange.end();
  assert.equal((await within(opened.parts.next(), 3_000, "the stream did not end")).done, true);
  socket.destroy();
}

async function readBytes({ parts }: Opened, size: number): Promise<string> {
  const read: Buffer[] = [];
  for (let left = size; left > 0;) {
    const { value, done } = await within(parts.next(), 3_000, "an event did not arrive before the next was written");
    assert.ok(!done && value !== undefined, "the stream ended early");
    read.push(value);
    left -= value.length;
  }
  return Buffer.concat(read).toString();
}

export const streams: readonly Case[] = [
  {
    name: "streams events one by one to a browser",
    run: (surface) => arrivesByParts(surface, PUBLIC_TOKEN, "chunked"),
  },
  { name: "streams events one by one to a server", run: (surface) => arrivesByParts(surface, SECRET_KEY, "chunked") },
  {
    name: "streams events that end with the connection",
    run: (surface) => arrivesByParts(surface, PUBLIC_TOKEN, "close"),
  },
  {
    name: "gives a stream's head before its first event",
    async run(surface) {
      if (!sendsHeadAtOnce(surface.runtime)) return;
      const { opened, exchange, socket } = await openStream(surface, PUBLIC_TOKEN, "chunked", "");
      await settle(100);
      await exchange.write(chunk(": ping\n\n"));
      assert.equal(await readBytes(opened, 8), ": ping\n\n");
      socket.destroy();
    },
  },
  {
    name: "asks for streams uncompressed",
    async run(surface) {
      const { exchange, socket } = await openStream(surface, PUBLIC_TOKEN);
      assert.ok(["identity", undefined].includes(valueOf(exchange.request.fields, "accept-encoding")));
      socket.destroy();
    },
  },
  {
    name: "ends a stream that breaks off upstream, and does not pretend that it was whole",
    async run(surface) {
      const { opened, exchange, socket } = await openStream(surface, PUBLIC_TOKEN);
      await exchange.write(chunk("data: 1\n\n"));
      assert.equal(await readBytes(opened, 18), `${FIRST}data: 1\n\n`);
      exchange.end();
      await assert.rejects(async () => {
        for (;;) if ((await within(opened.parts.next(), 3_000, "the stream did not end")).done) return;
      }, /the body ended/);
      socket.destroy();
    },
  },
  {
    name: "keeps a hundred streams open side by side",
    async run(surface) {
      surface.upstream.answer(async ({ write, request }) => {
        await write(`${HEAD}transfer-encoding: chunked\r\n\r\n${chunk("data: 1\n\n")}`);
        await request.closed;
      });
      const bytes = toBytes({ method: "GET", target: OUT, fields: [bearer(PUBLIC_TOKEN)] });
      const connections = Array.from({ length: 100 }, () => open(surface.ports.standard, bytes));
      const opened = await Promise.all(connections.map((connection) => connection.opened()));
      for (const stream of opened) assert.equal(await readBytes(stream, 9), "data: 1\n\n");
      for (const { socket } of connections) socket.destroy();
    },
  },
];
