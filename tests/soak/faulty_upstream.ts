/**
 * The local Trigger.dev behind a listener that fails at random: before a request is handled, after it, in
 * the middle of its answer, and all of it at once, as in a restart.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { createUpstream, type Upstream } from "../../dev/upstream.ts";
import { type Head, readBody, readHead, sourceOf, valueOf } from "../conformance/http1.ts";
import { settle } from "../conformance/uploads.ts";
import type { Draws } from "./random.ts";

/** What befalls an append, and how often of a hundred. `…After`: it was stored all the same. */
const APPEND_FAULTS = {
  none: 66,
  endsBefore: 4,
  endsAfter: 4,
  resetsBefore: 4,
  resetsAfter: 4,
  tornHead: 3,
  tornBody: 3,
  garbage: 1,
  says429: 1,
  says500: 1,
  says503: 2,
  slow: 6,
  stalls: 1,
} as const;

/** What befalls an event stream. */
const STREAM_FAULTS = { none: 30, endsBefore: 5, says503: 5, resets: 30, ends: 30 } as const;

/** An upstream that fails at random until it is told to be calm. */
export interface FaultyUpstream {
  readonly origin: string;
  readonly upstream: Upstream;
  /** How often what befell whom. */
  readonly befell: Readonly<Record<string, number>>;
  /** Breaks off every connection, and refuses new ones for a while. */
  restart(ms: number): Promise<void>;
  /** From now on nothing fails. */
  calm(): void;
  close(): void;
}

/** Starts one on loopback. */
export async function startFaulty(draws: Draws): Promise<FaultyUpstream> {
  const upstream = createUpstream();
  const sockets = new Set<Socket>();
  const befell: Record<string, number> = {};
  const arrivals = new Map<string, number>();
  let isCalm = false;
  const faultOf = <K extends string>(weights: Readonly<Record<K, number>>, what: string, name: string): K => {
    const nth = arrivals.get(name) ?? 0;
    arrivals.set(name, nth + 1);
    const fault = isCalm ? "none" as K : draws.pick(weights, what, name, nth);
    befell[`${what} ${fault}`] = (befell[`${what} ${fault}`] ?? 0) + 1;
    return fault;
  };
  const listen = async (port: number): Promise<Server> => {
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("close", () => sockets.delete(socket)).on("error", () => {});
      void serve(socket, { upstream, faultOf, draws });
    });
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
    return server;
  };
  let server = await listen(0);
  const { port } = server.address() as AddressInfo;
  const breakOff = (): void => {
    server.close();
    // Node cannot reset what it is about to end, and would keep it for ever.
    for (const socket of sockets) socket.writableEnded ? socket.destroy() : socket.resetAndDestroy();
  };
  return {
    origin: `http://127.0.0.1:${port}`,
    upstream,
    befell,
    async restart(ms) {
      breakOff();
      befell["restart"] = (befell["restart"] ?? 0) + 1;
      await settle(ms);
      server = await listen(port);
    },
    calm: () => void (isCalm = true),
    close: breakOff,
  };
}

interface Behind {
  readonly upstream: Upstream;
  readonly draws: Draws;
  faultOf<K extends string>(weights: Readonly<Record<K, number>>, what: string, name: string): K;
}

async function serve(socket: Socket, behind: Behind): Promise<void> {
  const source = sourceOf(socket);
  const gone = new AbortController();
  socket.once("close", () => gone.abort());
  for (;;) {
    const head = await readHead(source);
    if (head === undefined) return void socket.end();
    const body = await bodyOf(head, source);
    if (body === undefined) return void socket.destroy();
    const [method = "", target = ""] = head.startLine.split(" ");
    const handle = (): Promise<Response> =>
      behind.upstream.fetch(
        new Request(`http://upstream.test${target}`, {
          method,
          headers: head.fields.filter(([name]) => name.toLowerCase() !== "host") as [string, string][],
          signal: gone.signal,
          body: method === "GET" || method === "HEAD" ? null : body,
        }),
      );
    if (target.endsWith("/out")) return await answerStream(socket, target, handle, behind);
    if (!await answerOnce(socket, target, valueOf(head.fields, "x-part-id"), handle, behind)) return;
  }
}

async function bodyOf(head: Head, source: ReturnType<typeof sourceOf>): Promise<Buffer<ArrayBuffer> | undefined> {
  const parts: Buffer[] = [];
  try {
    for await (const part of readBody(source, Number(valueOf(head.fields, "content-length") ?? 0))) parts.push(part);
    return Buffer.concat(parts);
  } catch {
    return undefined;
  }
}

const SAID: Readonly<Record<string, string>> = {
  says429: "429 Too Many Requests",
  says500: "500 Internal Server Error",
  says503: "503 Service Unavailable",
};

const saying = (status: string): string => `HTTP/1.1 ${status}\r\ncontent-length: 2\r\n\r\n{}`;

/** Answers what is no stream; `false` where the connection is over. */
async function answerOnce(
  socket: Socket,
  target: string,
  partId: string | undefined,
  handle: () => Promise<Response>,
  { faultOf, draws }: Behind,
): Promise<boolean> {
  const fault = partId === undefined ? "none" : faultOf(APPEND_FAULTS, "append", partId);
  if (SAID[fault] !== undefined) return socket.write(saying(SAID[fault])), true;
  if (fault === "endsBefore") return socket.end(), false;
  if (fault === "resetsBefore") return socket.resetAndDestroy(), false;
  if (fault === "slow") await settle(draws.between(20, 400, "slow", target, partId ?? ""));
  const response = await handle();
  const body = await response.text();
  const head =
    `HTTP/1.1 ${response.status} OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  switch (fault) {
    case "endsAfter":
      return socket.end(), false;
    case "resetsAfter":
      return socket.resetAndDestroy(), false;
    case "tornHead":
    case "tornBody":
      socket.write(fault === "tornHead" ? head.slice(0, 30) : head + body.slice(0, 3));
      await settle(5);
      return socket.resetAndDestroy(), false;
    case "garbage":
      return socket.end("\0\x01\x02 what?\r\n\r\n"), false;
    case "stalls":
      return false;
  }
  socket.write(head + body);
  return true;
}

async function answerStream(
  socket: Socket,
  target: string,
  handle: () => Promise<Response>,
  { faultOf, draws }: Behind,
): Promise<void> {
  const fault = faultOf(STREAM_FAULTS, "stream", target);
  if (fault === "endsBefore") return void socket.end();
  if (fault === "says503") return void socket.end(saying(SAID[fault]!));
  const response = await handle();
  const chunked = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
  socket.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n");
  if (fault !== "none") {
    const cut = setTimeout(() => {
      if (fault === "ends") socket.end("0\r\n\r\n");
      // In the middle of an event, which counts for nothing then.
      else if (!socket.writableEnded) {
        socket.write(chunked('id: 1\nevent: batch\ndata: {"rec'), () => socket.resetAndDestroy());
      }
    }, draws.between(50, 3_000, "cut", target, fault));
    socket.once("close", () => clearTimeout(cut));
  }
  try {
    for await (const part of response.body!.pipeThrough(new TextDecoderStream())) {
      if (socket.destroyed || socket.writableEnded) return;
      socket.write(chunked(part));
    }
    if (!socket.writableEnded) socket.end("0\r\n\r\n");
  } catch {
    // Its reader is gone.
  }
}
