/** What the ready-made servers take on at once, and what they say of how they are. */
import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { after, before, describe, test } from "node:test";
import { COMMANDS, type Seen, type ServerName, sleep, type Spawned, start, startUpstream, until } from "./spawned.ts";

const PAGE = "https://app.example.com";
const MAX = 8;
/** One in eight is kept for what is no read. */
const MAX_READS = 7;
const MESSAGE = '{"kind":"message","payload":{"metadata":{}}}';

/** Streams stay open until their callers leave; messages called `held` wait until they are let go. */
const held = new Map<string, ServerResponse>();
function answer({ path }: Seen, response: ServerResponse): void {
  if (path.endsWith("/out")) {
    response.writeHead(200, { "content-type": "text/event-stream" }).write("data: first\n\n");
  } else if (path.includes("held")) {
    held.set(path.split("/")[4]!, response);
  } else response.setHeader("content-type", "application/json").end('{"ok":true}');
}

let upstream: Awaited<ReturnType<typeof startUpstream>>;
const spawned: Spawned[] = [];
async function run(name: ServerName, env: Record<string, string>): Promise<string> {
  const server = await start(name, { TRIGGER_API_UPSTREAM: upstream.url, EDGE_ALLOWED_ORIGINS: PAGE, ...env });
  spawned.push(server);
  assert.notEqual(server.url, "", server.output());
  return server.url;
}

before(async () => {
  upstream = await startUpstream(answer);
});
after(() => {
  for (const { child } of spawned) child.kill("SIGKILL");
  upstream.close();
});

/** A stream whose first event has come. */
async function stream(url: string): Promise<{ status: number; leave(): void }> {
  const leaving = new AbortController();
  const response = await fetch(`${url}/realtime/v1/sessions/chat/out`, { signal: leaving.signal });
  if (response.status === 200) await response.body!.getReader().read();
  else await response.text();
  return { status: response.status, leave: () => leaving.abort() };
}

const append = (url: string, session = "chat"): Promise<Response> =>
  fetch(`${url}/realtime/v1/sessions/${session}/in/append`, {
    method: "POST",
    headers: { origin: PAGE },
    body: MESSAGE,
  });

async function assertOverloaded(response: Response): Promise<void> {
  assert.equal(response.status, 503);
  assert.equal(response.headers.get("retry-after"), "1");
  assert.equal(response.headers.get("access-control-allow-origin"), PAGE);
  assert.equal((await response.json() as { code: string }).code, "edge_overloaded");
}

describe("EDGE_MAX_IN_FLIGHT", { concurrency: 3 }, () => {
  for (const name of Object.keys(COMMANDS) as ServerName[]) {
    test(`${name}: bounds streams, keeps a place for messages, and frees what has ended`, async () => {
      const url = await run(name, { EDGE_MAX_IN_FLIGHT: String(MAX) });
      const open = await Promise.all(Array.from({ length: MAX_READS }, () => stream(url)));
      assert.deepEqual(open.map(({ status }) => status), Array(MAX_READS).fill(200));
      assert.equal((await stream(url)).status, 503, "a stream too many");
      assert.equal((await append(url)).status, 200, "a message among streams");

      const waiting = append(url, `held-${name}`);
      assert.ok(await until(() => upstream.seen.find(({ path }) => path.includes(`held-${name}`)), 5_000));
      await assertOverloaded(await append(url));
      assert.equal((await fetch(`${url}/.edgestamp/health`)).status, 200, "alive though busy");
      assert.equal((await fetch(`${url}/.edgestamp/ready`)).status, 200, "ready though busy");
      held.get(`held-${name}`)!.end('{"ok":true}');
      assert.equal((await waiting).status, 200);

      for (const { leave } of open) leave();
      let again = await stream(url);
      for (let tries = 0; again.status === 503 && tries < 100; tries++) {
        await sleep(50);
        again = await stream(url);
      }
      assert.equal(again.status, 200, "after all have left");
      again.leave();
    });
  }
});

describe("/.edgestamp/ready", { concurrency: 3 }, () => {
  for (const name of Object.keys(COMMANDS) as ServerName[]) {
    test(`${name}: says that the upstream is there, asking it once for all who ask`, async () => {
      const url = await run(name, { TRIGGER_API_UPSTREAM: `${upstream.url}/${name}` });
      const answers = await Promise.all(Array.from({ length: 50 }, () => fetch(`${url}/.edgestamp/ready`)));
      for (const answer of answers) assert.deepEqual([answer.status, await answer.json()], [200, { ok: true }]);
      const asked = upstream.seen.filter(({ path }) => path.startsWith(`/${name}/`));
      assert.deepEqual(asked.map(({ method, path }) => `${method} ${path}`), [`HEAD /${name}/healthcheck`]);
      assert.deepEqual(Object.keys(asked[0]!.headers).filter((field) => /auth|cookie|forward|trace/.test(field)), []);
    });
    test(`${name}: says that the upstream is away, and nothing about where it was`, async () => {
      const url = await run(name, { TRIGGER_API_UPSTREAM: "http://127.0.0.1:9/secret" });
      const response = await fetch(`${url}/.edgestamp/ready`);
      assert.equal(response.status, 503);
      const { error, ...rest } = await response.json() as { error: string };
      assert.deepEqual(rest, { ok: false, code: "edge_not_ready" });
      assert.match(error, /\(the upstream does not answer\)$/);
      assert.doesNotMatch(error, /127\.0\.0\.1|secret/);
      assert.equal((await fetch(`${url}/.edgestamp/health`)).status, 200, "alive all the same");
    });
  }
});
