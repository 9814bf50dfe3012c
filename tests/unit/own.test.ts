/** What the proxy answers itself about how it is, and what it turns away for its own sake. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createProxy, type Options, type Platform, type ProxyEvent, Refusal } from "../../mod.ts";
import { PATHS, post } from "./properties/through_proxy.ts";

const ORIGIN = "https://app.example.com";

/** Whoever sends anything upstream here finds nobody. */
function ask(path: string, init: RequestInit = {}, options: Options = {}, platform?: Platform): Promise<Response> {
  const proxy = createProxy({
    upstream: "http://upstream.invalid/prefix",
    cors: { origins: [ORIGIN] },
    ...options,
    trust: () => ({}),
  });
  return proxy.fetch(new Request(`http://proxy.test${path}`, init), platform);
}

const codeOf = async (response: Response): Promise<unknown> => (await response.json() as { code: unknown }).code;

describe("/.edgestamp/health", () => {
  for (const guard of ["standard", "chat", "off"] as const) {
    test(`says that the proxy is alive, without a token (guard ${guard})`, async () => {
      for (const method of ["GET", "HEAD"]) {
        const response = await ask("/.edgestamp/health", { method }, { guard });
        assert.equal(response.status, 200);
        assert.equal(response.headers.get("cache-control"), "no-store");
        if (method === "GET") assert.deepEqual(await response.json(), { ok: true });
      }
    });
  }
  test("takes nothing else", async () => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      assert.equal(await codeOf(await ask("/.edgestamp/health", { method })), "edge_not_enabled");
    }
  });
  test("is below the base path, where there is one", async () => {
    const options = { basePath: "/api/trigger" };
    assert.equal((await ask("/api/trigger/.edgestamp/health", {}, options)).status, 200);
    assert.equal(await codeOf(await ask("/.edgestamp/health", {}, options)), "edge_path_outside");
  });
});

describe("/.edgestamp/ready", () => {
  test("is not offered where nobody tells", async () => {
    assert.equal(await codeOf(await ask("/.edgestamp/ready")), "edge_not_enabled");
  });
  test("asks about the upstream with its prefix, and tells what it is told", async () => {
    const asked: string[] = [];
    let isReady = true;
    const ready = {
      check(upstream: string): Promise<void> {
        asked.push(upstream);
        return isReady ? Promise.resolve() : Promise.reject(new Refusal("edge_not_ready"));
      },
    };
    assert.equal((await ask("/.edgestamp/ready", {}, { ready })).status, 200);
    isReady = false;
    const response = await ask("/.edgestamp/ready", {}, { ready });
    assert.equal(response.status, 503);
    assert.equal(await codeOf(response), "edge_not_ready");
    assert.deepEqual(asked, ["http://upstream.invalid/prefix", "http://upstream.invalid/prefix"]);
  });
});

describe("a server that has enough to do", () => {
  const overloaded = { overloaded: true };
  test("answers 503 with Retry-After, CORS headers and a code, and tells it", async () => {
    const events: ProxyEvent[] = [];
    const options: Options = { onEvent: (event) => events.push(event) };
    const request = post(PATHS.append, `{"kind":"message","payload":{}}`);
    const response = await ask(
      PATHS.append,
      {
        method: "POST",
        headers: { origin: ORIGIN, authorization: request.headers.get("authorization")! },
        body: await request.text(),
      },
      options,
      overloaded,
    );
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("retry-after"), "1");
    assert.equal(response.headers.get("access-control-allow-origin"), ORIGIN);
    assert.equal(response.headers.get("x-should-retry"), null);
    assert.equal(await codeOf(response), "edge_overloaded");
    const refusal = events.find(({ type }) => type === "refused") as ProxyEvent & { type: "refused" };
    assert.deepEqual([refusal.route, refusal.code, refusal.status], ["append", "edge_overloaded", 503]);
  });
  test("still says that it is alive and whether it is ready, and answers preflights", async () => {
    assert.equal((await ask("/.edgestamp/health", {}, {}, overloaded)).status, 200);
    const ready = { check: (): Promise<void> => Promise.resolve() };
    assert.equal((await ask("/.edgestamp/ready", {}, { ready }, overloaded)).status, 200);
    assert.equal((await ask(PATHS.append, { method: "OPTIONS" }, {}, overloaded)).status, 204);
  });
  test("issues no passes and serves no keys", async () => {
    for (const path of ["/.edgestamp/pass", "/.well-known/edgestamp/jwks.json"]) {
      assert.equal(await codeOf(await ask(path, {}, {}, overloaded)), "edge_overloaded");
    }
  });
});

describe("a head over the limit", () => {
  const url = `http://proxy.test${PATHS.append}`;
  /** A message whose head has so many bytes. */
  const message = (headBytes: number): RequestInit => {
    const authorization = "Bearer tr_dev_abc";
    const rest = url.length + "authorization".length + authorization.length + "x-a".length;
    return { method: "POST", headers: { authorization, "x-a": "a".repeat(headBytes - rest) }, body: "{}" };
  };
  test("is refused, with by how much", async () => {
    const response = await ask(PATHS.append, message(2_000), { limits: { headBytes: 1_900 } });
    assert.equal(response.status, 431);
    assert.equal(response.headers.get("x-should-retry"), "false");
    const { code, error } = await response.json() as { code: string; error: string };
    assert.equal(code, "edge_head_too_large");
    // A body of text brings a content-type of its own.
    assert.match(error, /\(1\d\d bytes over 1900\)$/);
  });
  test("counts the URL, the query and every header, dropped ones too", async () => {
    const options: Options = { limits: { headBytes: 500 } };
    for (
      const [path, headers] of [
        [`/api/v1/x?${"a".repeat(500)}`, {}],
        [`/api/v1/${"a".repeat(500)}`, {}],
        ["/api/v1/x", { cookie: "a".repeat(500) }],
        ["/api/v1/x", Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`x-header-${i}`, ""]))],
      ] as const
    ) {
      // Fetch forbids scripts to set some headers, but a server's request may have them.
      const request = new Request(`http://proxy.test${path}`);
      for (const [name, value] of Object.entries(headers)) request.headers.set(name, value);
      const proxy = createProxy({ upstream: "http://upstream.invalid", ...options, trust: () => ({}) });
      assert.equal(await codeOf(await proxy.fetch(request)), "edge_head_too_large", path.slice(0, 20));
    }
  });
});
