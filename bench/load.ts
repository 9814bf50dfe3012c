/**
 * Whole proxies under load: edgestamp and the reference over one that changes nothing, for appends
 * of each size and for untouched reads.
 *
 * @module
 */
import { appendBody, type Texture } from "./bodies.ts";
import { type Contender, CONTENDERS, FASTEST, type Handing, type Wanted } from "./contenders.ts";
import { type Drive, type Load, tool } from "./drive.ts";
import { cpuMs, type Runtime, type Server, startProgram, startWorker } from "./processes.ts";

/** One case: what is sent, and how often. */
export interface Case {
  readonly name: string;
  readonly load: Load;
}

/** How much. */
export interface LoadEffort {
  readonly runs: number;
  readonly seconds: number;
}

/** What one contender did with one case: one number for each run. */
export interface Series {
  readonly requestsPerSecond: number[];
  /** The processor's time of the proxy alone, in microseconds for each request. */
  readonly cpuMicros: number[];
}

const CONNECTIONS = 16;

// As large as Trigger.dev's public tokens are; its header and scopes are decoded, nothing is verified.
const TOKEN = [
  { alg: "HS256" },
  {
    sub: "cm5wq2x0k0001",
    pub: true,
    scopes: ["read:sessions:chat-1", "write:sessions:chat-1"],
    iss: "https://id.trigger.dev",
    aud: "https://api.trigger.dev",
    iat: 1764000000,
    exp: 1764086400,
  },
  "x".repeat(32),
].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");

const HEADERS = {
  authorization: `Bearer ${TOKEN}`,
  accept: "*/*",
  "accept-language": "en-US,en;q=0.9",
  "accept-encoding": "gzip, deflate, br, zstd",
  origin: "https://app.example.com",
  referer: "https://app.example.com/",
  "sec-fetch-mode": "cors",
  "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
};

/** An append with a body of this kind and size. */
export function appendCase(texture: Texture, bytes: number): Case {
  const headers = {
    ...HEADERS,
    "content-type": "application/json",
    "x-part-id": "b7f9a1de-1b1f-4f3e-9a64-0a0a0a0a0a0a",
  };
  const body = appendBody(texture, bytes);
  return {
    name: `${texture} ${bytes}`,
    load: { method: "POST", path: "/realtime/v1/sessions/chat-1/in/append", headers, body },
  };
}

/** A read that nothing is done to. */
export function readCase(): Case {
  return {
    name: "GET",
    load: { method: "GET", path: "/api/v1/runs/run_1/trace?page=1", headers: HEADERS, body: undefined },
  };
}

/** Starts a contender on a runtime. */
export function startContender(runtime: Runtime, wanted: Wanted): Promise<Server> {
  return runtime === "workerd"
    ? startWorker("servers/worker.ts", "WANTED", wanted)
    : startProgram(runtime, `servers/${runtime}.ts`, wanted);
}

/** Runs all contenders on all cases, in turn. */
export async function runLoad(
  runtime: Runtime,
  cases: readonly Case[],
  { runs, seconds }: LoadEffort,
  handing: Handing = FASTEST[runtime]!,
  contenders: readonly Contender[] = CONTENDERS,
): Promise<Record<string, Record<string, Series>>> {
  const { drive } = tool();
  const sink = await startProgram("bun", "servers/sink.ts", {});
  const upstream = `http://127.0.0.1:${sink.port}`;
  const servers = await Promise.all(
    contenders.map((contender) => startContender(runtime, { contender, upstream, handing })),
  );
  const results: Record<string, Record<string, Series>> = {};
  try {
    for (const { name, load } of cases) {
      const series = contenders.map((): Series => ({ requestsPerSecond: [], cpuMicros: [] }));
      // The first round warms up, and counts for nothing.
      for (let run = -1; run < runs; run++) {
        for (const [i, server] of servers.entries()) {
          await measure(drive, server, load, run < 0 ? 1 : seconds, run < 0 ? undefined : series[i]!);
        }
      }
      results[name] = Object.fromEntries(contenders.map((contender, i) => [contender, series[i]!]));
    }
  } finally {
    await Promise.all([...servers, sink].map((server) => server.stop()));
  }
  return results;
}

async function measure(
  drive: Drive,
  server: Server,
  load: Load,
  seconds: number,
  series: Series | undefined,
): Promise<void> {
  const before = await cpuMs(server.pid);
  const { requests, seconds: took, failures } = await drive(server.port, load, seconds, CONNECTIONS);
  const cpu = await cpuMs(server.pid) - before;
  if (failures > 0 || requests === 0) {
    throw new Error(`${failures} of ${requests} requests failed under load: mend that first`);
  }
  series?.requestsPerSecond.push(requests / took);
  series?.cpuMicros.push(cpu * 1000 / requests);
}
