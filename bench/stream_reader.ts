/**
 * The reader of the stream benchmarks: opens event streams over plain sockets and looks for the time
 * that each event says.
 *
 * @module
 */
import { connect, type Socket } from "node:net";
import { now } from "./stream_source.ts";

/** A stream that is open. */
export interface Stream {
  /** From the request's sending to the first byte of the first event. */
  readonly firstByteMs: number;
  close(): Promise<void>;
}

const PATH = "/realtime/v1/sessions/chat-1/out";
/** Longer than anything that will still come. */
const LATE_MS = 10_000;
const TIME = /"at":([\d.]+)/g;

/** Opens a stream through a proxy. `onLag` is told of each event how long it was on its way, in milliseconds. */
export function openStream(port: number, onLag: (lagMs: number) => void): Promise<Stream> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    let began = 0;
    let head = "";
    const late = setTimeout(() => reject(new Error(`A stream did not begin: ${head.slice(0, 200)}`)), LATE_MS);
    const listen = (chunk: Buffer): void => {
      const at = now();
      for (const [, time] of chunk.toString("latin1").matchAll(TIME)) onLag(at - Number(time));
    };
    const wait = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      if (!head.includes(": open")) return;
      if (!head.startsWith("HTTP/1.1 200")) return reject(new Error(`A stream was refused: ${head.slice(0, 200)}`));
      const firstByteMs = now() - began;
      clearTimeout(late);
      socket.off("data", wait).on("data", listen);
      resolve({ firstByteMs, close: () => closed(socket) });
    };
    socket.once("connect", () => {
      began = now();
      socket.write(`GET ${PATH} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: text/event-stream\r\n\r\n`);
    });
    socket.on("data", wait).once("error", reject);
    socket.once("close", () => reject(new Error(`A stream ended before it began: ${head.slice(0, 200)}`)));
  });
}

/** Opens so many, some at a time. */
export async function openStreams(port: number, count: number, onLag: (lagMs: number) => void): Promise<Stream[]> {
  const streams: Stream[] = [];
  const work = async (): Promise<void> => {
    while (begun++ < count) streams.push(await openStream(port, onLag));
  };
  let begun = 0;
  await Promise.all(Array.from({ length: 32 }, work));
  return streams;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once("close", () => resolve());
    socket.destroy();
  });
}
