/**
 * The ready-made servers, as programs: what only a process shows. What they answer is the conformance
 * suite's. The servers run side by side, because a stream has to be silent for longer than Bun's
 * default idle timeout.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, type IncomingMessage, request, type ServerResponse } from "node:http";
import { after, before, describe, test } from "node:test";
import { COMMANDS, type Seen, type ServerName, sleep, type Spawned, start, startUpstream, until } from "./spawned.ts";

const SILENT_MS = 13_000;
/** How long a stream's head is alone. */
const HEAD_MS = 2_500;
const MESSAGE = '{"kind":"message","payload":{"chatId":"chat","metadata":{"__edge":{"ip":"forged"},"user":"u"}}}';
const NAMES = Object.keys(COMMANDS) as ServerName[];

/** By the session's name: how long its stream is silent, and whether it ends. */
function answer({ path }: Seen, response: ServerResponse): void {
  if (path.includes("-slow/")) {
    setTimeout(() => response.end('{"ok":true}'), 1_500);
    return;
  }
  if (path.includes("-never/")) return;
  if (!path.endsWith("/out")) {
    response.setHeader("content-type", "application/json").end('{"ok":true}');
    return;
  }
  response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  setTimeout(() => response.write("data: first\n\n"), HEAD_MS);
  if (path.includes("-endless/")) return;
  setTimeout(() => response.end("data: last\n\n"), path.includes("-silent/") ? SILENT_MS : HEAD_MS + 300);
}

const append = (url: string, session: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${url}/realtime/v1/sessions/${session}/in/append`, {
    method: "POST",
    body: MESSAGE.replace('"chat"', `"${session}"`),
    ...init,
  });
const stream = (url: string, session: string, init?: RequestInit): Promise<Response> =>
  fetch(`${url}/realtime/v1/sessions/${session}/out`, init);

/** Asks again and again: what is said first that is not 200. */
async function firstRefusal(url: string): Promise<string> {
  for (;;) {
    const response = await fetch(url);
    const text = await response.text();
    if (response.status !== 200) return text;
  }
}

let upstream: Awaited<ReturnType<typeof startUpstream>>;
const spawned: Spawned[] = [];

async function run(name: ServerName, env: Record<string, string> = {}): Promise<Spawned> {
  const server = await start(name, { TRIGGER_API_UPSTREAM: upstream.url, ...env });
  spawned.push(server);
  return server;
}

before(async () => {
  upstream = await startUpstream(answer);
});
after(() => {
  for (const { child } of spawned) child.kill("SIGKILL");
  upstream.close();
});

describe("the ready-made servers", { concurrency: 20 }, () => {
  for (const name of NAMES) {
    test(name, async (t) => {
      const server = await run(name);
      assert.notEqual(server.url, "", server.output());

      await t.test("stamps a message with the caller's address", async () => {
        assert.equal((await append(server.url, `${name}-chat`)).status, 200);
        const seen = upstream.seen.find(({ path }) => path.includes(`/${name}-chat/`))!;
        const { metadata } = JSON.parse(seen.body).payload;
        assert.deepEqual(metadata.user, "u");
        assert.equal(metadata.__edge.ip, "127.0.0.1");
      });

      const held = (async () => {
        const began = Date.now();
        const response = await stream(server.url, `${name}-silent`);
        return { headMs: Date.now() - began, text: await response.text() };
      })();

      await t.test("ends what a caller was reading who is gone", async () => {
        const leaving = new AbortController();
        await stream(server.url, `${name}-left-endless`, { signal: leaving.signal });
        leaving.abort();
        const at = Date.now();
        const seen = upstream.seen.find(({ path }) => path.includes(`${name}-left`))!;
        const cutAt = await until(() => seen.cutAt, 1_000);
        assert.ok(cutAt !== undefined && cutAt - at < 1_000, `cut after ${cutAt && cutAt - at} ms`);
      });

      await t.test("carries a message through whose sender is gone", async () => {
        const leaving = new AbortController();
        const sent = append(server.url, `${name}-slow`, { signal: leaving.signal, headers: { "x-part-id": name } })
          .catch(() => {});
        const seen = await until(() => upstream.seen.find(({ headers }) => headers["x-part-id"] === name), 2_000);
        leaving.abort();
        await sent;
        await sleep(1_700);
        assert.equal(seen!.cutAt, undefined);
      });

      await t.test("holds a stream that is silent for longer than ten seconds", async () => {
        const { headMs, text } = await held;
        // Bun keeps the end of a head until the first byte of its body (oven-sh/bun#33660).
        if (name !== "bun") assert.ok(headMs < HEAD_MS, `the head came after ${headMs} ms, with the first event`);
        assert.equal(text, "data: first\n\ndata: last\n\n");
      });
    });
  }

  for (const name of NAMES) {
    test(`${name}: SIGTERM cuts streams, lets a message end, and takes no more requests`, async () => {
      const server = await run(name);
      await append(server.url, `${name}-before`).then((response) => response.text());
      const response = await stream(server.url, `${name}-begun-endless`);
      const cut = assert.rejects(response.text());
      const waiting = fetch(`${server.url}/realtime/v1/runs/${name}-never/?live=true`);
      const sent = append(server.url, `${name}-slow`, { headers: { "x-part-id": `${name}-stopping` } });
      await until(() => upstream.seen.find(({ headers }) => headers["x-part-id"] === `${name}-stopping`), 5_000);
      await until(() => upstream.seen.find(({ path }) => path.includes(`/${name}-never/`)), 5_000);
      const asked = Date.now();
      server.child.kill("SIGTERM");

      const refused = await waiting;
      assert.equal(refused.status, 503);
      assert.match(await refused.text(), /"edge_stopping"/);
      const answer = await sent;
      assert.equal(await answer.text(), '{"ok":true}');
      await cut;
      assert.equal(await server.exited, 0);
      assert.ok(Date.now() - asked < 5_000, `went on for ${Date.now() - asked} ms`);
      await assert.rejects(append(server.url, `${name}-after`));
      if (name === "deno") return;
      const first =
        `edgestamp listens on ${server.url} (upstream ${upstream.url}, namespace __edge, trust socket, guard standard, seal none)`;
      assert.equal(server.output(), `${first}\nSIGTERM: open requests have 9 s to end\n`);
    });

    test(`${name}: is not ready while it is being stopped, so that nobody sends it more`, async () => {
      const server = await run(name);
      assert.equal((await fetch(`${server.url}/.edgestamp/ready`)).status, 200);
      const sent = append(server.url, `${name}-slow`, { headers: { "x-part-id": `${name}-unready` } });
      await until(() => upstream.seen.find(({ headers }) => headers["x-part-id"] === `${name}-unready`), 5_000);
      // `deno serve` closes its port itself, at once: whoever asks then cannot connect.
      const refusal = firstRefusal(`${server.url}/.edgestamp/ready`).catch((error) => {
        if (name !== "deno") throw error;
      });
      server.child.kill("SIGTERM");
      const said = await refusal;
      if (said !== undefined) {
        assert.match(said, /"The proxy is not ready: .* \(it is being stopped\)","code":"edge_not_ready"/);
      }
      assert.equal(await (await sent).text(), '{"ok":true}');
      assert.equal(await server.exited, 0);
    });

    test(`${name}: what does not end in time is cut off`, async () => {
      const server = await run(name);
      const cut = assert.rejects(append(server.url, `${name}-never`));
      await until(() => upstream.seen.find(({ path }) => path.includes(`/${name}-never/in`)), 5_000);
      const began = Date.now();
      server.child.kill("SIGTERM");
      await cut;
      assert.equal(await server.exited, 0);
      const waited = Date.now() - began;
      assert.ok(waited > 8_500 && waited < 11_000, `${waited} ms`);
    });
  }

  for (const name of ["bun", "node"] as const) {
    test(`${name}: closes a connection with its answer once it is told to stop`, async () => {
      const server = await run(name);
      // Kept alive until then, by a client that looks at what it is told.
      const client = new Agent({ keepAlive: true, maxSockets: 1 });
      const ask = async (session: string): Promise<IncomingMessage> => {
        const sent = request(`${server.url}/realtime/v1/sessions/${session}/in/append`, {
          method: "POST",
          agent: client,
        });
        const [response] = await once(sent.end(MESSAGE.replace('"chat"', `"${session}"`)), "response");
        for await (const _ of response);
        return response;
      };
      assert.notEqual((await ask(`${name}-kept`)).headers.connection, "close");
      server.child.kill("SIGTERM");
      await sleep(100);
      const last = await ask(`${name}-kept`);
      assert.equal(last.statusCode, 200);
      assert.equal(last.headers.connection, "close");
      assert.equal(await server.exited, 0);
      client.destroy();
    });

    test(`${name}: the second signal does not wait`, async () => {
      const server = await run(name);
      const cut = assert.rejects(append(server.url, `${name}-twice-never`));
      await until(() => upstream.seen.find(({ path }) => path.includes(`/${name}-twice-never/`)), 5_000);
      server.child.kill("SIGINT");
      await sleep(200);
      server.child.kill("SIGINT");
      await cut;
      assert.equal(await server.exited, 1);
    });
  }

  for (const name of NAMES) {
    test(`${name}: an environment that cannot be used stops the start with one line`, async () => {
      const server = await run(name, { EDGE_PROOF_SECRET: "changeme" });
      assert.equal(await server.exited, 1);
      assert.equal(
        server.output(),
        "EDGE_PROOF_SECRET: is a placeholder; set 32 or more random characters, e.g. openssl rand -base64 32\n",
      );
    });
  }
  for (const name of ["bun", "node"] as const) {
    test(`${name}: so does a port that is taken`, async () => {
      const server = await run(name, { PORT: new URL(upstream.url).port });
      assert.equal(await server.exited, 1);
      assert.match(server.output(), /^Cannot listen: [^\n]+\n$/);
    });
    test(`${name}: so does one that another of its kind has`, async () => {
      const first = await run(name);
      const second = await run(name, { PORT: new URL(first.url).port });
      assert.equal(second.url, "", second.output());
      assert.equal(await second.exited, 1);
      assert.match(second.output(), /^Cannot listen: [^\n]+\n$/);
      assert.equal((await fetch(`${first.url}/.edgestamp/health`)).status, 200);
    });
  }
});
