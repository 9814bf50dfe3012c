/**
 * What the ready-made servers tell of requests while they serve them: a line in the log for each, and metrics at an
 * address of their own. Never anything that was sent.
 */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { exchange, toBytes } from "../conformance/client.ts";
import { type Field, valueOf } from "../conformance/http1.ts";
import { jwt } from "../conformance/requests.ts";
import { withBinaries } from "../conformance/servers.ts";
import { COMMANDS, type ServerName, start, startUpstream, until } from "./spawned.ts";

const WORD = "hush";
const CHAT = `chat-${WORD}`;
const TOKEN = jwt({ pub: true, scopes: [`write:sessions:${CHAT}`], note: WORD });
const KEY = "Ks9cVtJ0e1n3mWZp8yQ5uLrXfB2dGhT7aEoIvNxC4wY";
const SECRETS = [WORD, TOKEN, TOKEN.split(".")[1]!, KEY, "127.0.0.1", "203.0.113.7"];
const TRACE = "0af7651916cd43dd8448eb211c80319c";
const UUID = /^[\da-f-]{36}$/;

const FIELDS: readonly Field[] = [
  ["Authorization", `Bearer ${TOKEN}`],
  ["Content-Type", "application/json"],
  ["Cookie", `a=${WORD}`],
  ["X-Forwarded-For", "203.0.113.7"],
  ["X-Edge-Pass", WORD],
  ["X-Request-Id", WORD],
  ["X-Part-Id", WORD],
  ["User-Agent", WORD],
  ["traceparent", `00-${TRACE}-b7ad6b7169203331-01`],
  ["tracestate", `a=${WORD}`],
];
const APPEND = `/realtime/v1/sessions/${CHAT}/in/append?token=${WORD}`;
const MESSAGE = `{"kind":"message","payload":{"chatId":"${CHAT}","metadata":{"text":"${WORD}"}}}`;

interface Row {
  readonly method?: string;
  readonly target: string;
  readonly body?: string;
  readonly fields?: readonly Field[];
  /** What the line says; `undefined` where there is none to be. */
  readonly line: readonly [route: string, decision: string, status: number, code?: string] | undefined;
}

const ROWS: readonly Row[] = [
  { target: APPEND, body: MESSAGE, line: ["append", "stamped", 200] },
  { target: APPEND, body: `{"kind":"stop","${WORD}":1}`, line: ["append", "forwarded", 200] },
  { method: "GET", target: `/api/v1/${WORD}?${WORD}`, line: ["other", "forwarded", 200] },
  { method: "OPTIONS", target: APPEND, line: ["other", "own", 204] },
  { method: "GET", target: "/.edgestamp/health", line: undefined },
  { method: "HEAD", target: "/.edgestamp/health", line: undefined },
  { target: `/${APPEND}`, body: MESSAGE, line: ["other", "refused", 400, "edge_path_ambiguous"] },
  { target: APPEND, body: MESSAGE.replace(CHAT, "other"), line: ["append", "refused", 422, "edge_chat_mismatch"] },
  { target: APPEND, body: `{"kind":"${WORD}`.padEnd(40, "["), line: ["append", "forwarded", 200] },
  { target: `/api/v1/x`, body: `{"__edge":"${WORD}"}`, line: ["other", "refused", 422, "edge_namespace_elsewhere"] },
  {
    target: `/api/v1/x`,
    body: "{}",
    fields: [["Content-Encoding", WORD]],
    line: ["other", "refused", 415, "edge_body_encoded"],
  },
  { method: "GET", target: `/dead/${WORD}?${WORD}`, line: ["other", "failed", 502, "edge_upstream_unreachable"] },
];

/** A server that runs and what it prints. */
interface Watched {
  readonly port: number;
  output(): string;
  stop(): void;
}

let upstream: Awaited<ReturnType<typeof startUpstream>>;
before(async () => {
  withBinaries();
  upstream = await startUpstream(({ path }, response) => {
    if (path.includes("/dead/")) response.destroy();
    else response.setHeader("content-type", "application/json").end(`{"${WORD}":1}`);
  });
});
after(() => upstream.close());

const environment = (): Record<string, string> => ({
  TRIGGER_API_UPSTREAM: upstream.url,
  EDGE_NAMESPACE: "__edge",
  EDGE_SEAL: "encrypted",
  EDGE_SEAL_KEY: JSON.stringify({ kty: "oct", kid: "k1", k: KEY }),
  EDGE_ALLOWED_ORIGINS: "*",
  EDGE_LOG: "json",
});

async function startServer(name: ServerName): Promise<Watched> {
  // On a machine the log is on unless it is turned off.
  const server = await start(name, { ...environment(), EDGE_LOG: "", EDGE_METRICS_PORT: "0" });
  assert.notEqual(server.url, "", server.output());
  return { port: Number(new URL(server.url).port), output: server.output, stop: () => server.child.kill("SIGKILL") };
}

async function startWorker(): Promise<Watched> {
  const args = ["launch_workerd.ts", JSON.stringify({ worker: environment() }), "../../adapters/cloudflare_sealed.ts"];
  const child = spawn("node", args, { cwd: import.meta.dirname, stdio: ["pipe", "pipe", "inherit"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => output += text);
  const port = await until(() => /^\{"ports":\{"worker":(\d+)\}\}$/m.exec(output)?.[1], 30_000);
  return { port: Number(port), output: () => output, stop: () => child.stdin.end() };
}

const linesIn = (output: string): string[] => output.split("\n").filter((line) => line.startsWith(`{"time"`));

/** Sends every request and gives the lines that came of it, each with the id that its caller was told. */
async function linesOf(watched: Watched): Promise<{ line: string; id: string; row: Row }[]> {
  const told: { id: string; row: Row }[] = [];
  for (const row of ROWS) {
    const { method = "POST", target, body = "", fields = [] } = row;
    const answer = await exchange(watched.port, toBytes({ method, target, body, fields: [...FIELDS, ...fields] }));
    const id = valueOf(answer.fields, "x-edge-request-id") ?? "";
    assert.match(id, UUID, `${target}: ${answer.status}`);
    assert.match(valueOf(answer.fields, "server-timing") ?? "", /^edge;dur=[\d.]+/);
    assert.equal(valueOf(answer.fields, "timing-allow-origin"), "*");
    if (row.line !== undefined) told.push({ id, row });
  }
  const lines = await until(() => {
    const lines = linesIn(watched.output());
    return lines.length >= told.length ? lines : undefined;
  }, 5_000);
  assert.equal(lines?.length, told.length, watched.output());
  return told.map((one, at) => ({ ...one, line: lines![at]! }));
}

function assertLine(
  { line, id, row: { method = "POST", line: expected } }: { line: string; id: string; row: Row },
): void {
  const told = JSON.parse(line) as Record<string, unknown>;
  const { route, decision, status, code, durationMs } = told;
  assert.deepEqual([route, decision, status, ...(code === undefined ? [] : [code])], expected, line);
  assert.deepEqual([told["method"], told["requestId"], told["traceId"]], [method, id, TRACE]);
  assert.equal(typeof durationMs, "number");
  assert.equal("upstreamMs" in told, decision !== "own" && decision !== "refused", line);
  assert.equal("trustMs" in told, decision === "stamped", line);
  for (const secret of SECRETS) assert.ok(!line.includes(secret), line);
}

describe("a line in the log for each request", { concurrency: 4 }, () => {
  for (const name of Object.keys(COMMANDS) as ServerName[]) {
    test(`${name}, and its metrics`, async () => {
      const watched = await startServer(name);
      try {
        for (const told of await linesOf(watched)) assertLine(told);
        await assertMetrics(watched.output());
      } finally {
        watched.stop();
      }
    });
  }
  test("workerd", async () => {
    const watched = await startWorker();
    try {
      for (const told of await linesOf(watched)) assertLine(told);
    } finally {
      watched.stop();
    }
  });
});

async function assertMetrics(output: string): Promise<void> {
  const url = /^edgestamp has metrics at (http:\/\/127\.0\.0\.1:\d+\/metrics)$/m.exec(output)?.[1];
  assert.ok(url !== undefined, output);
  const response = await fetch(url);
  assert.match(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  const labels = `method="POST",route="append",caller="public"`;
  for (
    const line of [
      `edgestamp_requests_total{${labels},decision="stamped",status="200"} 1`,
      `edgestamp_requests_total{${labels},decision="forwarded",status="200"} 2`,
      `edgestamp_refusals_total{route="append",code="edge_chat_mismatch"} 1`,
      `edgestamp_request_duration_seconds_count{route="append",decision="stamped"} 1`,
      `edgestamp_upstream_duration_seconds_count{route="append"} 3`,
      `edgestamp_trust_duration_seconds_count 1`,
    ]
  ) assert.ok(text.includes(`\n${line}\n`), `${line} is not in\n${text}`);
  assert.match(text, /^process_resident_memory_bytes \d/m);
  for (const secret of SECRETS) assert.ok(!text.includes(secret), secret);
  const elsewhere = [new URL("/", url), new URL("/metrics/x", url), new URL("/.edgestamp/health", url)];
  for (const other of elsewhere) assert.equal((await fetch(other)).status, 404);
  assert.equal((await fetch(url, { method: "POST", body: "x" })).status, 404);
}

describe("EDGE_METRICS_PORT", { concurrency: 3 }, () => {
  for (const name of Object.keys(COMMANDS) as ServerName[]) {
    test(`${name}: a port that is taken stops the start with one line`, async () => {
      const { port } = new URL(upstream.url);
      const server = await start(name, { TRIGGER_API_UPSTREAM: upstream.url, EDGE_METRICS_PORT: port });
      assert.equal(await server.exited, 1);
      assert.match(server.output(), /^EDGE_METRICS_PORT: cannot be listened on \([^\n]+\); set another\n$/);
    });
    test(`${name}: metrics keep nobody from stopping`, async () => {
      const server = await start(name, { TRIGGER_API_UPSTREAM: upstream.url, EDGE_METRICS_PORT: "0" });
      assert.notEqual(server.url, "", server.output());
      const began = Date.now();
      server.child.kill("SIGTERM");
      assert.equal(await server.exited, 0);
      assert.ok(Date.now() - began < 7_000, `stopped after ${Date.now() - began} ms`);
    });
  }
});
