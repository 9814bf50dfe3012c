/**
 * An upstream that writes down what arrived, to the byte, and answers by script.
 */
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type Field, type Framing, type Head, readBody, readHead, type Source, sourceOf, valueOf } from "./http1.ts";

/** One request as it arrived. */
export interface Recorded {
  readonly method: string;
  readonly target: string;
  readonly fields: readonly Field[];
  readonly framing: Framing;
  /** As much of the body as has arrived. */
  body: Buffer;
  /** Whether all of it has. */
  whole: boolean;
  /** Whether the connection is gone. */
  gone: boolean;
  /** Settles when the connection is gone. */
  readonly closed: Promise<void>;
  /** Whether its answer is written as far as it goes. */
  answered: boolean;
}

/** What an answer is written to. */
export interface Exchange {
  readonly request: Recorded;
  /** Writes bytes as they are; settles when the kernel has them. */
  write(bytes: string | Uint8Array): Promise<void>;
  /** Ends the connection. */
  end(): void;
  /** Breaks the connection off, with a reset. */
  reset(): void;
}

/** Writes one whole answer, status line and all. Called when the request has arrived whole. */
export type Answer = (exchange: Exchange) => void | Promise<void>;

/** A recording upstream on loopback. */
export interface Recorder {
  readonly port: number;
  /** `http://127.0.0.1:port`. */
  readonly origin: string;
  readonly requests: Recorded[];
  /** Connections so far, also those on which nothing was sent. */
  connections(): number;
  /** How the next requests are answered, until told otherwise; without a script, `200 {"ok":true}`. */
  answer(script?: Answer): void;
  /** Whether connections are left unread. */
  hold(isHeld: boolean): void;
  /** The newest connection that is held: whoever wants to reads from it. */
  held(): Socket;
  /** The first request from index `from` on, as soon as its head has arrived. */
  next(from: number): Promise<Recorded>;
  close(): Promise<void>;
}

const OK = `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{"ok":true}`;

/** Starts a recorder. */
export async function startRecorder(): Promise<Recorder> {
  const requests: Recorded[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  let script: Answer | undefined;
  let arrived: (() => void) | undefined;
  let isHeld = false;
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on("close", () => sockets.delete(socket));
    if (isHeld) socket.pause();
    void serve(socket, (request) => {
      requests.push(request);
      arrived?.();
    }, () => script ?? (({ write }) => write(OK)));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    requests,
    connections: () => connections,
    answer: (next) => void (script = next),
    hold(next) {
      isHeld = next;
      for (const socket of sockets) next ? socket.pause() : socket.resume();
    },
    held: () => [...sockets].at(-1)!,
    async next(from) {
      while (requests.length <= from) await new Promise<void>((resolve) => (arrived = resolve));
      return requests[from]!;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

async function serve(socket: Socket, record: (request: Recorded) => void, script: () => Answer): Promise<void> {
  const source = sourceOf(socket);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  for (;;) {
    const head = await readHead(source);
    if (head === undefined) return void socket.end();
    const request = begin(head, closed);
    record(request);
    if (!await receive(source, request)) return void socket.destroy();
    await script()({
      request,
      write: (bytes) => new Promise((resolve) => socket.destroyed ? resolve() : socket.write(bytes, () => resolve())),
      end: () => socket.end(),
      reset: () => socket.resetAndDestroy(),
    });
    request.answered = true;
  }
}

function begin({ startLine, fields }: Head, closed: Promise<void>): Recorded {
  const [method = "", target = ""] = startLine.split(" ");
  const chunked = valueOf(fields, "transfer-encoding") !== undefined;
  const framing = chunked ? "chunked" : Number(valueOf(fields, "content-length") ?? 0);
  const request: Recorded = {
    method,
    target,
    fields,
    framing,
    body: Buffer.alloc(0),
    whole: false,
    gone: false,
    closed,
    answered: false,
  };
  void closed.then(() => (request.gone = true));
  return request;
}

async function receive(source: Source, request: Recorded): Promise<boolean> {
  try {
    for await (const part of readBody(source, request.framing)) request.body = Buffer.concat([request.body, part]);
    return (request.whole = true);
  } catch {
    return false;
  }
}
