// deno-lint-ignore-file no-console -- whoever starts it reads what it prints
/**
 * Sends appends at a fixed rate and holds event streams open meanwhile: `bun generator.ts {wanted}`. Prints
 * what came of it as one line of JSON. An append's time runs from the moment it was due, so that a
 * server that stalls cannot hide it.
 */
import process from "node:process";
import { messageBody, PUBLIC_TOKEN } from "../conformance/requests.ts";

/** What is to be sent. */
export interface Wanted {
  readonly port: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly connections: number;
  readonly streams: number;
}

/** How long the last answers are waited for: longer than any limit of the proxy. */
const LATE_MS = 40_000;

/** What came of it. Times in milliseconds. */
export interface Outcome {
  readonly sent: number;
  readonly answered: number;
  /** Answers other than 200, and connections that broke off under a request. */
  readonly failed: number;
  /** Kept connections that were closed from the other side. */
  readonly reconnected: number;
  readonly tookMs: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Streams that were open when the first append was sent, and at the end. */
  readonly opened: number;
  readonly held: number;
  /** Events that came on them. */
  readonly events: number;
}

interface Connection {
  write(data: string): number;
  end(): void;
}

declare const Bun: {
  connect(options: {
    hostname: string;
    port: number;
    socket: {
      open?(socket: Connection): void;
      data(socket: Connection, chunk: Uint8Array): void;
      close(socket: Connection): void;
      connectError?(socket: Connection, error: Error): void;
    };
  }): Promise<Connection>;
};

const { port, seconds, perSecond, connections, streams } = JSON.parse(process.argv[2]!) as Wanted;
const HOST = { hostname: "127.0.0.1", port };
const FIELDS =
  `Host: 127.0.0.1\r\nAuthorization: Bearer ${PUBLIC_TOKEN}\r\nAccept: */*\r\nOrigin: https://app.example.com\r\n`;
const BODY = messageBody().replace('"hi"', `"${"what is the weather like? ".repeat(12)}"`);
const decoder = new TextDecoder("latin1");

let sent = 0, answered = 0, failed = 0, reconnected = 0, events = 0, opened = 0, held = 0;
let isOver = false;
const times: number[] = [];

async function openStream(n: number): Promise<void> {
  const head = `GET /realtime/v1/sessions/chat-${n}/out HTTP/1.1\r\n${FIELDS}Accept: text/event-stream\r\n\r\n`;
  let isOpen = false;
  await new Promise<void>((resolve) => {
    void Bun.connect({
      ...HOST,
      socket: {
        open: (socket) => void socket.write(head),
        data(_, chunk) {
          const text = decoder.decode(chunk);
          events += text.split("event: ping").length - 1;
          if (isOpen || !text.startsWith("HTTP/1.1 200")) return;
          isOpen = true;
          opened++;
          held++;
          resolve();
        },
        close() {
          if (isOpen && !isOver) held--;
          resolve();
        },
      },
    });
  });
}

/** A kept connection, the moments at which what it waits for was due, and what of an answer it has. */
interface Line {
  socket: Connection | undefined;
  due: number | undefined;
  text: string;
}

const free: Line[] = [];
const waiting: number[] = [];

async function connect(line: Line): Promise<void> {
  line.socket = await Bun.connect({
    ...HOST,
    socket: {
      data(_, chunk) {
        line.text += decoder.decode(chunk);
        if (!isWhole(line.text)) return;
        if (line.text.startsWith("HTTP/1.1 200")) answered++;
        else failed++;
        times.push(performance.now() - line.due!);
        release(line);
      },
      close() {
        if (isOver) return;
        reconnected++;
        if (line.due === undefined) free.splice(free.indexOf(line), 1);
        else failed++;
        void connect(line);
      },
    },
  });
  release(line);
}

/** Whether an answer is all there: its length, or its last chunk, says so. */
function isWhole(text: string): boolean {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return false;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))?.[1];
  return length === undefined ? text.endsWith("0\r\n\r\n") : text.length >= end + 4 + Number(length);
}

function release(line: Line): void {
  line.due = undefined;
  line.text = "";
  const due = waiting.shift();
  if (due === undefined) free.push(line);
  else send(line, due);
}

function send(line: Line, due: number): void {
  line.due = due;
  const n = sent++;
  line.socket!.write(
    `POST /realtime/v1/sessions/chat-1/in/append HTTP/1.1\r\n${FIELDS}Content-Type: application/json\r\n` +
      `X-Part-Id: part-${n}\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`,
  );
}

function percentile(share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
}

// A hundred at a time: a listener's queue of connections that are not accepted yet is no longer.
for (let n = 0; n < streams; n += 100) {
  await Promise.all(Array.from({ length: Math.min(100, streams - n) }, (_, i) => openStream(n + i)));
}
await Promise.all(Array.from({ length: connections }, () => connect({ socket: undefined, due: undefined, text: "" })));

const began = performance.now();
console.log(JSON.stringify({ opened }));
const total = seconds * perSecond;
let asked = 0;
await new Promise<void>((resolve) => {
  const clock = setInterval(() => {
    const isLate = performance.now() - began > seconds * 1000 + LATE_MS;
    const due = Math.min(total, Math.floor((performance.now() - began) * perSecond / 1000));
    for (; asked < due; asked++) {
      const at = began + asked * 1000 / perSecond;
      const line = free.pop();
      if (line === undefined) waiting.push(at);
      else send(line, at);
    }
    if (isLate || (asked === total && answered + failed >= total)) {
      clearInterval(clock);
      resolve();
    }
  }, 2);
});
isOver = true;
failed += total - answered - failed;
times.sort((a, b) => a - b);
const tookMs = performance.now() - began;
const rest = { p50: percentile(0.5), p99: percentile(0.99), max: times.at(-1) ?? 0, reconnected, opened, held, events };
console.log(JSON.stringify({ sent, answered, failed, tookMs, ...rest } satisfies Outcome));
process.exit(0);
