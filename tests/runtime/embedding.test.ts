/** The proxy inside someone else's server: Node's http, Express, and the two examples as they are published. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { build } from "esbuild";
import express from "express";
import envListener, { serve, socket, toNodeListener } from "../../adapters/node.ts";
import { createProxy } from "../../mod.ts";
import { startUpstream } from "./spawned.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const APPEND = "/realtime/v1/sessions/chat/in/append";
const MESSAGE = '{"kind":"message","payload":{"chatId":"chat","metadata":{"__edge":"forged"}}}';
const stamped = (json: string): string => MESSAGE.replace('"forged"', json);

let upstream: Awaited<ReturnType<typeof startUpstream>>;
before(async () => {
  upstream = await startUpstream((_, response) =>
    response.setHeader("content-type", "application/json").end('{"ok":true}')
  );
  process.env["TRIGGER_API_UPSTREAM"] = upstream.url;
});
after(() => {
  delete process.env["TRIGGER_API_UPSTREAM"];
  upstream.close();
});

/** Sends a message, and gives what reached the upstream. */
async function send(
  to: string | ((request: Request) => Response | Promise<Response>),
): Promise<{ path: string; body: string }> {
  upstream.seen.length = 0;
  const init = { method: "POST", body: MESSAGE };
  const response = typeof to === "string"
    ? await fetch(to + APPEND, init)
    : await to(new Request(`http://app.example/api/trigger${APPEND}`, init));
  assert.equal(response.status, 200, await response.text());
  const { path, body } = upstream.seen[0]!;
  return { path, body };
}

describe("Node's http", () => {
  const servers: Server[] = [];
  after(() => servers.forEach((server) => server.close().closeAllConnections()));

  async function listening(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    servers.push(server);
    await once(server.listen(0, "127.0.0.1"), "listening");
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }
  const proxy = (): ReturnType<typeof createProxy> => createProxy({ upstream: upstream.url, trust: socket() });

  test("toNodeListener() is a listener of http.createServer", async () => {
    const url = await listening(toNodeListener(proxy()));
    assert.deepEqual(await send(url), { path: APPEND, body: stamped('{"ip":"127.0.0.1"}') });
  });
  test("toNodeListener() mounts in Express, which takes the prefix off", async () => {
    const url = await listening(express().use("/api/trigger", toNodeListener(proxy())) as RequestListener);
    assert.deepEqual(await send(`${url}/api/trigger`), { path: APPEND, body: stamped('{"ip":"127.0.0.1"}') });
  });
  test("the default export is configured by the environment", async () => {
    const url = await listening(envListener);
    assert.deepEqual(await send(url), { path: APPEND, body: stamped('{"ip":"127.0.0.1"}') });
  });
  test("a server's request without a body goes on without one", async () => {
    const url = await listening(toNodeListener(proxy()));
    for (const method of ["DELETE", "POST"]) {
      upstream.seen.length = 0;
      await fetch(`${url}/api/v1/x`, { method, headers: { authorization: "Bearer tr_dev_abc" } });
      assert.equal(upstream.seen[0]!.headers["transfer-encoding"], undefined, method);
    }
  });
  test("serve() listens where it is told, and stops", async () => {
    const running = await serve(proxy(), { host: "127.0.0.1", port: 0 });
    assert.match(running.url, /^http:\/\/127\.0\.0\.1:\d+$/);
    assert.equal((await send(running.url)).path, APPEND);
    await running.stop();
    await assert.rejects(fetch(running.url));
  });
  test("serve() rejects where it cannot listen", async () => {
    const taken = Number(new URL(upstream.url).port);
    await assert.rejects(serve(proxy(), { host: "127.0.0.1", port: taken }), { code: "EADDRINUSE" });
  });
});

describe("the examples", () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "edgestamp-examples-"));
  });
  after(() => rm(folder, { recursive: true }));

  /** Loads an example with the package's source where it imports the package, and with nothing else changed. */
  async function load(entry: string, alias: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const outfile = join(folder, `${entry.replace(/\W/g, "_")}.mjs`);
    const adapters = ["bun", "headers"].map((name) => [`edgestamp/${name}`, `${ROOT}adapters/${name}.ts`]);
    await build({
      entryPoints: [`${ROOT}examples/${entry}`],
      alias: { ...Object.fromEntries(adapters), edgestamp: `${ROOT}mod.ts`, ...alias },
      bundle: true,
      format: "esm",
      platform: "node",
      outfile,
      logLevel: "error",
    });
    return await import(pathToFileURL(outfile).href);
  }

  test("hono: one route of an app", async () => {
    const { default: server } = await load("hono/main.ts") as {
      default: { fetch(request: Request, server: unknown): Response | Promise<Response>; idleTimeout: number };
    };
    const bun = { requestIP: () => ({ address: "198.51.100.7" }) };
    const seen = await send((request) => server.fetch(request, bun));
    assert.deepEqual(seen, { path: APPEND, body: stamped('{"ip":"198.51.100.7"}') });
    assert.equal(server.idleTimeout, 0);
    assert.match(await (await server.fetch(new Request("http://app.example/"), bun)).text(), /baseURL/);
  });

  test("nextjs-route: all methods, and a message is carried through", async () => {
    const carried: Promise<unknown>[] = [];
    Object.assign(globalThis, { afterForTest: (promise: Promise<unknown>) => carried.push(promise) });
    const stub = join(folder, "next_server.mjs");
    await writeFile(stub, "export const after = globalThis.afterForTest;");
    const route = await load("nextjs-route/app/api/trigger/[...path]/route.ts", { "next/server": stub }) as Record<
      string,
      (request: Request) => Promise<Response>
    >;
    assert.deepEqual(await send(route["POST"]!), { path: APPEND, body: stamped("null") });
    assert.ok(carried.length > 0);
    for (const method of ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "PUT"]) {
      const response = await route[method]!(
        new Request("http://app.example/api/trigger/api/v1/runs/run_1", { method }),
      );
      assert.ok(response.ok, `${method}: ${response.status}`);
    }
  });
});
