// deno-lint-ignore-file no-console -- whoever starts it reads its port
/**
 * The upstream of the load test, on Bun, which answers fastest: takes appends and counts them, each part
 * id once, and keeps event streams open on which something is said once a second. Ends with its standard input.
 */
import process from "node:process";

interface Controller {
  enqueue(chunk: Uint8Array): void;
}

declare const Bun: {
  serve(
    options: {
      hostname: string;
      port: number;
      idleTimeout: number;
      fetch(request: Request): Response | Promise<Response>;
    },
  ): { port: number };
};

/** What `GET /counts` answers. */
export interface Counts {
  readonly appends: number;
  /** Appends whose part id had been seen before, which the upstream would not store again. */
  readonly repeated: number;
  /** Appends without a stamp of the proxy's. */
  readonly unstamped: number;
}

const EVERY_MS = 1_000;
const EVENT = new TextEncoder().encode(`event: ping\ndata: {"timestamp":1795258800000}\n\n`);

const seen = new Set<string>();
const readers = new Set<Controller>();
let repeated = 0;
let unstamped = 0;

function follow(): Response {
  let reader: Controller;
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(EVENT);
      readers.add(reader = controller);
    },
    cancel: () => void readers.delete(reader),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}

async function append(request: Request): Promise<Response> {
  const partId = request.headers.get("x-part-id") ?? "";
  if (seen.has(partId)) repeated++;
  seen.add(partId);
  if (!(await request.text()).includes('"botScore"')) unstamped++;
  return Response.json({ ok: true, seq: seen.size });
}

const { port } = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  idleTimeout: 0,
  fetch(request) {
    if (request.method === "POST") return append(request);
    if (request.url.endsWith("/out")) return follow();
    return Response.json({ appends: seen.size, repeated, unstamped } satisfies Counts);
  },
});
// Spread over the second, as the events of many chats are.
let turn = 0;
setInterval(() => {
  const shares = EVERY_MS / 10;
  let i = 0;
  for (const reader of readers) if (i++ % shares === turn) reader.enqueue(EVENT);
  turn = (turn + 1) % shares;
}, 10);
process.stdin.on("end", () => process.exit(0)).resume();
console.log(JSON.stringify({ port }));
