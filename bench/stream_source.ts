/**
 * The upstream of the stream benchmarks: answers each read with an event stream that stays open, and
 * writes into it what it is told to.
 *
 * @module
 */
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An upstream that runs. */
export interface Source {
  readonly port: number;
  /** Writes an event that says when it was written to the open streams in turn, so many. */
  emit(count: number): void;
  /** The streams that are open. */
  open(): number;
  stop(): Promise<void>;
}

/** About as long as the delta of a model's answer with its frame. */
const PADDING = "x".repeat(80);

/** Monotonic, in milliseconds: reader and source are one process, and so one clock. */
export const now = (): number => performance.now();

/** Starts an upstream. */
export async function startSource(): Promise<Source> {
  const streams = new Set<ServerResponse>();
  let turn: Iterator<ServerResponse> = streams.values();
  const server = createServer((_, response) => {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-cache" });
    response.write(": open\n\n");
    streams.add(response);
    response.once("close", () => streams.delete(response));
  });
  server.keepAliveTimeout = 0;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", 1024, resolve));
  const emit = (count: number): void => {
    for (let i = 0; i < count; i++) {
      let next = turn.next();
      if (next.done === true) next = (turn = streams.values()).next();
      if (next.done === true) return;
      next.value.write(`id: 1\ndata: {"at":${now().toFixed(3)},"delta":"${PADDING}"}\n\n`);
    }
  };
  const stop = (): Promise<void> => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  };
  return { port: (server.address() as AddressInfo).port, emit, open: () => streams.size, stop };
}
