/** Bodies as Fastly's hosts hold them for a service: queues that are written at one end and read at the other. */
import type { Readable } from "node:stream";

/** More than this is not taken from a socket before the service has read some of it. */
const HELD_BYTES = 64 * 1024;

/** Where what is written to a body goes at once, when its message is under way already. */
export interface Sink {
  /** Settles when more may be written; `false` where nobody takes it any more. */
  write(chunk: Buffer): Promise<boolean>;
  end(): void;
  abandon(): void;
}

/** One body. */
export class Body {
  readonly #parts: (Buffer | Body)[] = [];
  #isEnded = false;
  #error: Error | undefined;
  #source: Readable | undefined;
  #sink: Sink | undefined;
  #wake: (() => void) | undefined;

  /** A body that arrives on a stream of Node's. */
  static from(source: Readable): Body {
    const body = new Body();
    body.#source = source;
    let wasWhole = false;
    source.on("data", (chunk: Buffer) => {
      body.#parts.push(chunk);
      if (body.#held() > HELD_BYTES) source.pause();
      body.#wake?.();
    });
    source.on("end", () => {
      wasWhole = true;
      body.close();
    });
    source.on("error", () => {});
    source.on("close", () => wasWhole || body.fail(new Error("the body broke off")));
    return body;
  }

  #held(): number {
    return this.#parts.reduce((sum, part) => sum + (part instanceof Body ? 0 : part.length), 0);
  }

  /** Bytes that are all there; `undefined` where some have yet to come. */
  get length(): number | undefined {
    if (!this.#isEnded && this.#source !== undefined) return undefined;
    let sum = 0;
    for (const part of this.#parts) {
      const length = part instanceof Body ? part.length : part.length;
      if (length === undefined) return undefined;
      sum += length;
    }
    return sum;
  }

  /** Whether reading would not wait. */
  get isReady(): boolean {
    const [first] = this.#parts;
    if (first instanceof Body) return first.isReady;
    return first !== undefined || this.#isEnded || this.#error !== undefined;
  }

  /** Settles when reading would not wait. */
  async ready(): Promise<void> {
    while (!this.isReady) {
      const [first] = this.#parts;
      if (first instanceof Body) await first.ready();
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** At most `size` bytes; `undefined` at the end. Throws where the body broke off. */
  async read(size: number): Promise<Buffer | undefined> {
    for (;;) {
      await this.ready();
      const [first] = this.#parts;
      if (first instanceof Body) {
        const read = await first.read(size);
        if (read !== undefined) return read;
        this.#parts.shift();
        continue;
      }
      if (first === undefined) {
        if (this.#error !== undefined) throw this.#error;
        return undefined;
      }
      if (first.length > size) this.#parts[0] = first.subarray(size);
      else this.#parts.shift();
      if (this.#held() <= HELD_BYTES) this.#source?.resume();
      return first.subarray(0, size);
    }
  }

  /** Writes; `false` where nobody takes it any more. */
  async write(chunk: Buffer): Promise<boolean> {
    if (this.#sink !== undefined) return await this.#sink.write(chunk);
    this.#parts.push(chunk);
    return true;
  }

  /** Puts another body, which may still be arriving, at the end. */
  append(other: Body): void {
    if (this.#sink === undefined) this.#parts.push(other);
    else void pour(other, this.#sink, false);
  }

  /** Sends on what is there, and whatever is written from now on. */
  attach(sink: Sink): void {
    this.#sink = sink;
    const rest = new Body();
    rest.#parts.push(...this.#parts.splice(0));
    rest.close();
    void pour(rest, sink, false);
  }

  /** Nothing more is written by the service; what still arrives from elsewhere does. */
  complete(): void {
    if (this.#source === undefined) this.close();
  }

  close(): void {
    this.#isEnded = true;
    this.#sink?.end();
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }

  /** What is no longer wanted, or will not be whole. */
  abandon(): void {
    this.#sink?.abandon();
    this.#source?.destroy();
  }
}

/** Sends all of a body on. */
export async function pour(body: Body, sink: Sink, ends = true): Promise<void> {
  try {
    for (let chunk = await body.read(HELD_BYTES); chunk !== undefined; chunk = await body.read(HELD_BYTES)) {
      if (!await sink.write(chunk)) return body.abandon();
    }
    if (ends) sink.end();
  } catch {
    sink.abandon();
  }
}
