/** Vercel's handler in its Edge runtime, and Netlify's in Deno, against clients that forge. */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { build } from "esbuild";
import { start, withBinaries } from "../conformance/servers.ts";
import { startUpstream } from "../runtime/spawned.ts";

const APPEND = "/realtime/v1/sessions/chat/in/append";
const FORGED = '{"kind":"message","payload":{"chatId":"chat","metadata":{"__edge":{"ip":"6.6.6.6"}}}}';
const require = createRequire(import.meta.url);

let upstream: Awaited<ReturnType<typeof startUpstream>>;
before(async () => {
  upstream = await startUpstream((seen, response) => response.end(seen.method === "GET" ? "data: 1\n\n" : "{}"));
});
after(() => upstream.close());

/** What is stamped of a message, and what else of the request came through. */
async function stamped(url: string, headers: Record<string, string>): Promise<unknown> {
  const from = upstream.seen.length;
  const response = await fetch(url + APPEND, { method: "POST", body: FORGED, headers });
  assert.equal(response.status, 200, await response.text());
  const seen = upstream.seen[from]!;
  assert.deepEqual(Object.keys(seen.headers).filter((name) => /^x-(?:vercel|nf|real|forwarded)/.test(name)), []);
  return JSON.parse(seen.body).payload.metadata.__edge;
}

async function canBeRead(url: string): Promise<void> {
  const response = await fetch(`${url}/realtime/v1/sessions/chat/out`);
  assert.equal(await response.text(), "data: 1\n\n");
  assert.equal((await fetch(`${url}/realtime/v1/sessions/chat/in`, { method: "PUT" })).status, 403);
}

interface EdgeRuntime {
  dispatchFetch(url: string, init?: RequestInit): Promise<Response & { waitUntil(): Promise<unknown> }>;
}

type Vercel = {
  EdgeRuntime: new (options: { initialCode: string; extend(context: object): object }) => EdgeRuntime;
  runServer(
    options: { runtime: EdgeRuntime; port: number; host: string },
  ): Promise<{ url: string; close(): Promise<void> }>;
};

function edgeRuntime(): Vercel | undefined {
  try {
    return require("edge-runtime") as Vercel;
  } catch {
    return undefined;
  }
}

describe("Vercel's Edge runtime", {
  skip: edgeRuntime() === undefined && "not installed: npm install --save-dev edge-runtime",
}, () => {
  async function serve(env: Record<string, string>) {
    const { outputFiles: [code] } = await build({
      entryPoints: [path.join(import.meta.dirname, "vercel_entry.ts")],
      bundle: true,
      format: "iife",
      write: false,
      conditions: ["edge-light", "worker"],
    });
    const { EdgeRuntime, runServer } = edgeRuntime()!;
    const quiet = { ...console, error: () => {} };
    const runtime = new EdgeRuntime({
      initialCode: code!.text,
      extend: (context) => Object.assign(context, { process: { env }, console: quiet }),
    });
    return await runServer({ runtime, port: 0, host: "127.0.0.1" });
  }
  test("stamps what Vercel says, and reads go through", async () => {
    const server = await serve({ VERCEL: "1", TRIGGER_API_UPSTREAM: upstream.url });
    const url = server.url.replace(/\/$/, "");
    try {
      const said = { "x-real-ip": "198.51.100.7", "x-vercel-ip-city": "S%C3%A3o%20Paulo", "x-vercel-oidc-token": "x" };
      assert.deepEqual(await stamped(url, said), { ip: "198.51.100.7", city: "São Paulo" });
      await canBeRead(url);
    } finally {
      await server.close();
    }
  });
  test("elsewhere nothing is believed", async () => {
    const server = await serve({ TRIGGER_API_UPSTREAM: upstream.url });
    const from = upstream.seen.length;
    try {
      const headers = { "x-real-ip": "6.6.6.6" };
      const response = await fetch(server.url.replace(/\/$/, "") + APPEND, { method: "POST", body: FORGED, headers });
      assert.equal(response.status, 500);
      assert.match(await response.text(), /edge_misconfigured/);
      assert.equal(upstream.seen.length, from);
    } finally {
      await server.close();
    }
  });
});

test("Netlify's handler in Deno stamps the context, whatever the headers say", async () => {
  withBinaries();
  const environment = JSON.stringify({ one: { TRIGGER_API_UPSTREAM: upstream.url } });
  const args = ["run", "-A", "--no-check", "launch_netlify.ts", environment];
  const server = await start("deno", args, import.meta.dirname);
  try {
    const url = `http://127.0.0.1:${server.ports["one"]}`;
    const forged = {
      "x-nf-client-connection-ip": "6.6.6.6",
      "x-nf-geo": btoa('{"city":"Bern"}'),
      "x-forwarded-for": "6.6.6.6",
    };
    const expected = { ip: "198.51.100.7", country: "BR", city: "São Paulo" };
    assert.deepEqual(await stamped(url, {}), expected);
    assert.deepEqual(await stamped(url, forged), expected);
    await canBeRead(url);
  } finally {
    await server.stop();
  }
});
