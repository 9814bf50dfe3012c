/**
 * HTTP/1.1 as it stands on the wire, for both ends of the tests: nothing is normalised, joined,
 * decoded or left out, because what is normalised away is what these tests are about.
 */
import type { Socket } from "node:net";

/** A header field as it was sent: name and value, in the bytes' own spelling (Latin-1). */
export type Field = readonly [name: string, value: string];

/** A message's first line and header fields. */
export interface Head {
  readonly startLine: string;
  readonly fields: readonly Field[];
}

/** Bytes that arrive on a socket, taken as they are needed. */
export interface Source {
  /** Everything up to and including `mark`; `undefined` where the other side ended before it came. */
  until(mark: string): Promise<Buffer | undefined>;
  /** At most `size` bytes, as soon as there are any; `undefined` at the end. */
  some(size: number): Promise<Buffer | undefined>;
}

/** Reads a socket. An error on it reads as its end. */
export function sourceOf(socket: Socket): Source {
  let held: Buffer = Buffer.alloc(0);
  let ended = false;
  let wake: (() => void) | undefined;
  const changed = (): void => wake?.();
  socket.on("data", (chunk: Buffer) => {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    changed();
  });
  for (const event of ["end", "close", "error"]) {
    socket.on(event, () => {
      ended = true;
      changed();
    });
  }
  const more = (): Promise<void> => new Promise((resolve) => (wake = resolve));
  const take = (size: number): Buffer => {
    const taken = held.subarray(0, size);
    held = held.subarray(size);
    return taken;
  };
  return {
    async until(mark) {
      for (;;) {
        const at = held.indexOf(mark, 0, "latin1");
        if (at !== -1) return take(at + mark.length);
        if (ended) return undefined;
        await more();
      }
    },
    async some(size) {
      while (held.length === 0) {
        if (ended) return undefined;
        await more();
      }
      return take(Math.min(size, held.length));
    },
  };
}

/** The next message's head; `undefined` where there is none. */
export async function readHead(source: Source): Promise<Head | undefined> {
  const bytes = await source.until("\r\n\r\n");
  if (bytes === undefined) return undefined;
  const [startLine, ...lines] = bytes.toString("latin1").slice(0, -4).split("\r\n") as [string, ...string[]];
  return {
    startLine,
    fields: lines.map((line): Field => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
    }),
  };
}

/** The values of a header field, in order. */
export function valuesOf(fields: readonly Field[], name: string): string[] {
  return fields.filter(([key]) => key.toLowerCase() === name).map(([, value]) => value);
}

/** The first value of a header field. */
export function valueOf(fields: readonly Field[], name: string): string | undefined {
  return valuesOf(fields, name)[0];
}

/** How a body is delimited: by its length in bytes, by chunks, or by the connection's end. */
export type Framing = number | "chunked" | "close";

/** A body's parts as they arrive. Throws where the message ends before its body does. */
export async function* readBody(source: Source, framing: Framing): AsyncGenerator<Buffer, void, undefined> {
  if (framing === "chunked") return yield* readChunks(source);
  if (framing !== "close") return yield* readExactly(source, framing);
  for (;;) {
    const part = await source.some(Infinity);
    if (part === undefined) return;
    yield part;
  }
}

async function* readExactly(source: Source, size: number): AsyncGenerator<Buffer, void, undefined> {
  for (let left = size; left > 0;) {
    const part = await source.some(left);
    if (part === undefined) throw new Error(`the body ended ${left} bytes early`);
    left -= part.length;
    yield part;
  }
}

async function* readChunks(source: Source): AsyncGenerator<Buffer, void, undefined> {
  for (;;) {
    const line = await source.until("\r\n");
    if (line === undefined) throw new Error("the body ended before its last chunk");
    const size = Number.parseInt(line.toString("latin1"), 16);
    if (size > 0) yield* readExactly(source, size);
    if (await source.until("\r\n") === undefined) throw new Error("the body ended inside a chunk");
    if (size === 0) return;
  }
}
