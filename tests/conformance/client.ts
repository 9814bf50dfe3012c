/**
 * A client that sends bytes as they are given and reads what comes back: `fetch` and URL classes
 * tidy up too much to test with.
 */
import { connect, type Socket } from "node:net";
import { type Field, type Framing, readBody, readHead, type Source, sourceOf, valueOf } from "./http1.ts";

/** A request to be written out. */
export interface RawRequest {
  readonly method?: string;
  readonly target: string;
  /** `Host` is added unless given. The connection is kept alive, as clients do. */
  readonly fields?: readonly Field[];
  readonly body?: string | Uint8Array;
  /** How the body is delimited. Default: its length, where there is a body or the method has one. */
  readonly framing?: "length" | "chunked" | "none";
}

/** An answer, once its head has arrived. */
export interface Opened {
  /** 0 where the server closed the connection without an answer. */
  readonly status: number;
  readonly fields: readonly Field[];
  /** Statuses of the interim answers (1xx) before it. */
  readonly interim: readonly number[];
  /** The body's parts as they arrive. */
  readonly parts: AsyncGenerator<Buffer, void, undefined>;
}

/** An answer with its whole body. */
export interface Answered extends Opened {
  readonly body: Buffer;
}

/** A connection on which one request was written. */
export interface Connection {
  readonly socket: Socket;
  /** The answer's head. Throws after `timeoutMs`. */
  opened(timeoutMs?: number): Promise<Opened>;
}

const NO_ANSWER: Opened = { status: 0, fields: [], interim: [], parts: (async function* () {})() };

/** Writes a request out as bytes. Header fields go as Latin-1, so any byte can be put there. */
export function toBytes({ method = "POST", target, fields = [], body = "", framing }: RawRequest): Buffer {
  const payload = typeof body === "string" ? Buffer.from(body) : Buffer.from(body);
  const how = framing ?? (payload.length > 0 || method === "POST" ? "length" : "none");
  const names = new Set(fields.map(([name]) => name.toLowerCase()));
  const lines = fields.map(([name, value]) => `${name}: ${value}`);
  if (!names.has("host")) lines.unshift("Host: proxy.test");
  if (how === "length" && !names.has("content-length")) lines.push(`Content-Length: ${payload.length}`);
  if (how === "chunked") lines.push("Transfer-Encoding: chunked");
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`, "latin1");
  if (how !== "chunked") return Buffer.concat([head, payload]);
  const size = payload.length === 0 ? "" : `${payload.length.toString(16)}\r\n`;
  return Buffer.concat([head, Buffer.from(size), payload, Buffer.from(size === "" ? "0\r\n\r\n" : "\r\n0\r\n\r\n")]);
}

/** Connects and writes `bytes`. */
export function open(port: number, bytes: string | Uint8Array): Connection {
  const socket = connect(port, "127.0.0.1");
  socket.setNoDelay(true);
  socket.on("error", () => {});
  const source = sourceOf(socket);
  socket.write(bytes);
  const isHead = /^HEAD /.test(Buffer.from(bytes.slice(0, 5)).toString("latin1"));
  return {
    socket,
    opened: (timeoutMs = 20_000) => within(readAnswer(source, isHead), timeoutMs, "no answer came"),
  };
}

/** Sends `bytes` and reads the whole answer. */
export async function exchange(port: number, bytes: string | Uint8Array, timeoutMs = 20_000): Promise<Answered> {
  const { socket, opened } = open(port, bytes);
  try {
    const answer = await opened(timeoutMs);
    const body = await within(collect(answer.parts), timeoutMs, "the answer did not end");
    return { ...answer, body };
  } finally {
    socket.destroy();
  }
}

async function collect(parts: AsyncGenerator<Buffer, void, undefined>): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const part of parts) all.push(part);
  return Buffer.concat(all);
}

async function readAnswer(source: Source, isHead: boolean): Promise<Opened> {
  const interim: number[] = [];
  for (;;) {
    const head = await readHead(source);
    if (head === undefined) return NO_ANSWER;
    const status = Number(head.startLine.split(" ")[1]);
    if (status < 200 && status !== 101) {
      interim.push(status);
      continue;
    }
    const framing = isHead ? 0 : framingOf(status, head.fields);
    return { status, fields: head.fields, interim, parts: readBody(source, framing) };
  }
}

function framingOf(status: number, fields: readonly Field[]): Framing {
  if (status === 204 || status === 304) return 0;
  if (valueOf(fields, "transfer-encoding") !== undefined) return "chunked";
  const length = valueOf(fields, "content-length");
  return length === undefined ? "close" : Number(length);
}

/** Settles as `promise` does, or throws after `timeoutMs`. */
export async function within<T>(promise: Promise<T>, timeoutMs: number, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
