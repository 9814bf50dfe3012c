/**
 * Whole proxies under load: edgestamp and the reference over one that changes nothing, for appends
 * of each size and for untouched reads.
 *
 * @module
 */
import { appendBody, type Texture } from "./bodies.ts";
import { sizeName } from "./rows.ts";
import { type Contender, FASTEST, type Handing, type Keys, type Wanted } from "./contenders.ts";
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

/** How long a server is loaded before anything counts. */
const WARM_SECONDS = 5;

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
    name: `${texture} ${sizeName(bytes)}`,
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
    ? startWorker("servers/worker.ts", "WANTED", wanted, wanted.collects === true ? ["--expose-gc"] : [])
    : startProgram(runtime, `servers/${runtime}.ts`, wanted);
}

/** Who is held against whom, and how their servers are to be. */
export interface Field {
  readonly contenders: readonly Contender[];
  readonly handing?: Handing;
  readonly keys?: Keys;
}

/** Runs all contenders on all cases, in turn. */
export async function runLoad(
  runtime: Runtime,
  cases: readonly Case[],
  { runs, seconds }: LoadEffort,
  { contenders, handing = FASTEST[runtime]!, keys }: Field,
): Promise<Record<string, Record<string, Series>>> {
  const { drive } = tool();
  const sink = await startProgram("bun", "servers/sink.ts", {});
  const upstream = `http://127.0.0.1:${sink.port}`;
  const servers = await Promise.all(
    contenders.map((contender) => startContender(runtime, { contender, upstream, handing, keys })),
  );
  const results: Record<string, Record<string, Series>> = {};
  try {
    for (const [at, { name, load }] of cases.entries()) {
      const series = contenders.map((): Series => ({ requestsPerSecond: [], cpuMicros: [] }));
      // The first rounds warm up, and count for nothing: compilers work beside a server for thousands of requests. Who
      // goes first changes from round to round.
      for (let run = at === 0 ? -3 : -1; run < runs; run++) {
        for (let turn = 0; turn < servers.length; turn++) {
          const i = (turn + run + 3) % servers.length;
          await measure(
            drive,
            servers[i]!,
            load,
            run === -3 ? WARM_SECONDS : seconds,
            run < 0 ? undefined : series[i]!,
          );
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
  // A server that has just been started may not have got to its first answer yet.
  if (failures > 0 || (requests === 0 && series !== undefined)) {
    throw new Error(`${failures} of ${requests} requests failed under load: mend that first`);
  }
  series?.requestsPerSecond.push(requests / took);
  series?.cpuMicros.push(cpu * 1000 / requests);
}
