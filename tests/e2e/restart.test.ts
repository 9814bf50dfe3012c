/** With a file, a restart loses nothing: not after an orderly end, not after a crash in the middle of anything. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { openJournal } from "../../dev/file_journal.ts";
import { countingIds } from "../../dev/ids.ts";
import { startLocal } from "../../dev/serve.ts";
import { mintPublicToken } from "../../dev/tokens.ts";
import { createUpstream, type Upstream } from "../../dev/upstream.ts";
import { configureServer, openBrowser } from "./clients.ts";
import { words } from "./world.ts";

const ORIGIN = "http://upstream.local";
const SECRET = "tr_dev_local";

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "edgestamp-restart-"));
});
after(() => rm(folder, { recursive: true, force: true }));

/** An upstream on a journal, and its end. */
function open(file: string): { upstream: Upstream; close: () => void } {
  const journal = openJournal(file);
  return { upstream: createUpstream({ journal, ids: countingIds() }), close: () => journal.close() };
}

async function call(
  { fetch }: Upstream,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const text = body === undefined ? null : JSON.stringify(body);
  const length = text === null ? {} : { "content-length": String(text.length) };
  const request = new Request(ORIGIN + path, {
    method,
    body: text,
    headers: { authorization: `Bearer ${SECRET}`, ...length, ...headers },
  });
  const response = await fetch(request);
  return { status: response.status, body: await response.json() };
}

const creation = {
  type: "chat.agent",
  externalId: "chat-1",
  taskIdentifier: "agent",
  triggerConfig: { basePayload: { chatId: "chat-1" } },
};

/** Everything that clients can ask of what `fill` has made. */
async function views(upstream: Upstream, { batch, run, token }: Made): Promise<unknown[]> {
  const paths = [
    "/api/v1/sessions",
    "/api/v1/sessions/chat-1",
    "/api/v1/sessions/chat-2",
    "/realtime/v1/sessions/chat-1/in/records",
    "/realtime/v1/sessions/chat-1/out/records",
    "/api/v1/runs",
    `/api/v3/runs/${run}`,
    `/api/v2/batches/${batch}`,
    `/api/v1/waitpoints/tokens/${token}`,
    `/realtime/v1/runs/${run}?offset=-1`,
  ];
  return Promise.all(paths.map((path) => call(upstream, "GET", path)));
}

interface Made {
  readonly batch: string;
  readonly run: string;
  readonly token: string;
}

/** Makes one of each kind of thing that is kept. */
async function fill(upstream: Upstream): Promise<Made> {
  const made = async (path: string, body: unknown) =>
    ((await call(upstream, "POST", path, body)) as { body: { id: string } }).body.id;
  await made("/api/v1/sessions", creation);
  await made("/api/v1/sessions", {
    ...creation,
    externalId: "chat-2",
    expiresAt: "2030-01-01T00:00:00Z",
    metadata: { plan: "free" },
  });
  await call(upstream, "POST", "/api/v1/sessions/chat-2/close", { reason: "done" });
  for (const part of ["a", "b"]) {
    await call(upstream, "POST", "/realtime/v1/sessions/chat-1/in/append", { part }, { "x-part-id": part });
  }
  const out = upstream.streams.open("/sessions/chat-1/out");
  for (const body of ["1", "2", "3"]) {
    out.append({ body: JSON.stringify({ data: body, id: body }), headers: [["h", body]] });
  }
  out.trim(1);
  const batch = await made("/api/v3/batches", { runCount: 1 });
  await call(upstream, "POST", `/api/v3/batches/${batch}/items`, { index: 0, task: "t", payload: { a: 1 } }, {
    "content-type": "application/x-ndjson",
  });
  const run = await made("/api/v1/tasks/t/trigger", {
    payload: { a: 1 },
    options: { tags: ["x"], metadata: { m: 1 } },
  });
  await call(upstream, "PUT", `/api/v1/runs/${run}/metadata`, {
    operations: [{ type: "set", key: "progress", value: 5 }],
  });
  const token = await made("/api/v1/waitpoints/tokens", { tags: ["y"], timeout: "1h" });
  await call(upstream, "POST", `/api/v1/waitpoints/tokens/${token}/complete`, { data: { ok: true } });
  return { batch, run, token };
}

describe("a restart in order", () => {
  it("brings everything back, twice", async () => {
    const file = join(folder, "everything.jsonl");
    const first = open(file);
    const made = await fill(first.upstream);
    const seen = await views(first.upstream, made);
    first.close();
    for (const _ of [1, 2]) {
      const next = open(file);
      assert.deepEqual(await views(next.upstream, made), seen);
      next.close();
    }
  });

  it("goes on counting, and remembers part ids and tokens that were used", async () => {
    const file = join(folder, "counting.jsonl");
    const first = open(file);
    await fill(first.upstream);
    const once = { scopes: ["trigger:tasks:t"], now: new Date(), claims: { otu: true } };
    const headers = { authorization: `Bearer ${await mintPublicToken(first.upstream.environment, once)}` };
    await call(first.upstream, "POST", "/api/v1/tasks/t/trigger", {}, headers);
    first.close();
    const next = open(file);
    const append = (part: string) =>
      call(next.upstream, "POST", "/realtime/v1/sessions/chat-1/in/append", {}, { "x-part-id": part });
    assert.deepEqual(await append("b"), { status: 200, body: { ok: true } });
    assert.deepEqual(await append("c"), { status: 200, body: { ok: true, seq: 2 } });
    assert.equal(next.upstream.streams.open("/sessions/chat-1/out").tail, 3);
    assert.equal(
      ((await call(next.upstream, "POST", "/api/v1/tasks/t/trigger", {}, headers)) as { status: number }).status,
      422,
    );
    next.close();
  });

  it("writes down less than it was told, in the end", async () => {
    const file = join(folder, "compact.jsonl");
    const first = open(file);
    await fill(first.upstream);
    for (let n = 0; n < 200; n++) await call(first.upstream, "PATCH", "/api/v1/sessions/chat-1", { metadata: { n } });
    first.close();
    const before = (await readFile(file, "utf8")).split("\n").length;
    open(file).close();
    const after = (await readFile(file, "utf8")).split("\n").length;
    assert.ok(before > 200 && after < 30, `${before} lines, then ${after}`);
  });
});

describe("a journal", () => {
  it("drops a line that was cut off, and names one that is damaged", async () => {
    const file = join(folder, "torn.jsonl");
    const first = open(file);
    await fill(first.upstream);
    first.close();
    await appendFile(file, '["sessions",{"id":"session_half');
    const next = open(file);
    assert.equal(next.upstream.sessions.list().length, 2);
    next.close();
    await writeFile(file, (await readFile(file, "utf8")).replace(/^\[/, "{"));
    assert.throws(() => open(file), /damaged in line 1: mend that line, or move the file away/);
  });

  it("is open once at a time, and free when its process has died", async () => {
    const file = join(folder, "locked.jsonl");
    const journal = openJournal(file);
    assert.throws(() => openJournal(file), new RegExp(`in use by process ${process.pid}`));
    journal.close();
    await writeFile(`${file}.lock`, String(process.ppid));
    assert.throws(() => openJournal(file), new RegExp(`in use by process ${process.ppid}`));
    const dead = spawn(process.execPath, ["--version"], { stdio: "ignore" });
    await once(dead, "exit");
    await writeFile(`${file}.lock`, String(dead.pid));
    openJournal(file).close();
  });
});

const children: ChildProcess[] = [];
after(() => children.forEach((child) => child.kill("SIGKILL")));

/** Starts an upstream in a process of its own. */
async function start(file: string, port = 0): Promise<{ url: string; kill: () => Promise<void> }> {
  const program = new URL("./restart_child.ts", import.meta.url).pathname;
  const child = spawn(process.execPath, [program, file, String(port)], { stdio: ["ignore", "pipe", "inherit"] });
  children.push(child);
  const [url] = (await once(createInterface({ input: child.stdout as NodeJS.ReadableStream }), "line")) as [string];
  const kill = async () => {
    child.kill("SIGKILL");
    await once(child, "exit");
  };
  return { url, kill };
}

describe("a crash (SIGKILL)", () => {
  it("loses no record that was answered for, and stores none twice", async () => {
    const file = join(folder, "records.jsonl");
    const first = await start(file);
    const post = (url: string, path: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(url + path, {
        method: "POST",
        body: JSON.stringify(body),
        headers: { authorization: `Bearer ${SECRET}`, ...headers },
      });
    await post(first.url, "/api/v1/sessions", { ...creation, externalId: "notes" });
    const path = "/realtime/v1/sessions/notes/channels/a/in/append";
    const answered: string[] = [];
    const sending = Promise.allSettled(
      Array.from({ length: 400 }, (_, n) => `part-${n}`).map(async (part) => {
        if ((await post(first.url, path, { part }, { "x-part-id": part })).ok) answered.push(part);
      }),
    );
    while (answered.length < 60) await new Promise((resolve) => setTimeout(resolve, 1));
    await first.kill();
    await sending;
    assert.ok(answered.length < 400, "the crash came too late");
    const { upstream, close } = open(file);
    const parts = () =>
      upstream.streams.open("/sessions/notes/channels/a/in").from(0).map(({ body }) =>
        (JSON.parse(body) as { id: string }).id
      );
    const stored = parts();
    assert.deepEqual(answered.filter((part) => !stored.includes(part)), []);
    assert.equal(new Set(stored).size, stored.length);
    // Senders who had no answer send again: what was stored is not stored twice.
    for (const part of stored.slice(-3)) await call(upstream, "POST", path, { part }, { "x-part-id": part });
    assert.equal(parts().length, stored.length);
    close();
  });

  it("in the middle of an answer is made up for: the page reads on, and gets it whole", async () => {
    const file = join(folder, "chat.jsonl");
    const first = await start(file);
    const port = Number(new URL(first.url).port);
    const place = (local: Awaited<ReturnType<typeof startLocal>>) => ({ local, writes: first.url, reads: first.url });
    // The server side of the SDK is configured by what a local upstream says of itself; this one is another process's.
    const said = { environment: { id: "env_local", secretKey: SECRET } } as Awaited<ReturnType<typeof startLocal>>;
    configureServer(place(said));
    const page = openBrowser(place(said), {
      clientData: { userId: "user-1", __cf: { botScore: 88, ja4: "t", asn: 1, country: "NL" } },
    });
    assert.equal((await page.say("hello")).text, "You said: hello");
    const heard: string[] = [];
    let restarted: Awaited<ReturnType<typeof startLocal>> | undefined;
    for await (const chunk of await page.open(words(60))) {
      if (chunk.type !== "text-delta") continue;
      heard.push(chunk.delta);
      if (heard.length === 5) {
        await first.kill();
        restarted = await startLocal({ file, port });
        after(() => restarted?.close());
      }
    }
    assert.match(heard.join(""), new RegExp(`You said: ${words(60)}$`));
    assert.equal((await page.say("and now?")).text, "You said: and now?");
  });
});
