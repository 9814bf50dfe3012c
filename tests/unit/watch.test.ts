/** Requests that are watched: what observers are told of each, and what its caller is. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createProxy, type Options, type Platform } from "../../mod.ts";
import { type Answered, type Observer, watch, type WatchOptions } from "../../src/watch.ts";
import { PATHS, post } from "./properties/through_proxy.ts";

const MESSAGE = `{"kind":"message","payload":{"chatId":"chat-1","message":{"id":"m"}}}`;
const PAGE = "https://app.example.com";
const UUID = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

interface Watched {
  readonly response: Response;
  readonly told: readonly Answered[];
}

interface Settings extends Options, WatchOptions {
  readonly upstreamAnswers?: (init: RequestInit) => Promise<Response>;
  readonly platform?: Platform;
  readonly others?: readonly Observer[];
  readonly trust?: () => Promise<null> | null;
}

const OK = (): Promise<Response> => Promise.resolve(Response.json({ ok: true }));

/** Sends a request through a proxy that is watched. */
async function watched(request: Request, settings: Settings = {}): Promise<Watched> {
  const { upstreamAnswers = OK, platform, others = [], trust = () => null, serverTiming, ...options } = settings;
  const told: Answered[] = [];
  const observers = [...others, (answered: Answered) => void told.push(answered)];
  const proxy = createProxy({
    upstream: "http://upstream.invalid",
    cors: { origins: [PAGE] },
    watch: watch(observers, serverTiming === undefined ? {} : { serverTiming }),
    ...options,
    trust,
  });
  const real = globalThis.fetch;
  globalThis.fetch = ((_: string, init: RequestInit) => upstreamAnswers(init)) as typeof fetch;
  try {
    return { response: await proxy.fetch(request, platform), told };
  } finally {
    globalThis.fetch = real;
  }
}

/** What is the same each time. */
function still({ requestId, durationMs, trustMs, upstreamMs, ...rest }: Answered): Partial<Answered> {
  assert.match(requestId, UUID);
  for (const ms of [durationMs, trustMs, upstreamMs]) assert.ok(ms === undefined || (ms >= 0 && ms < 60_000), `${ms}`);
  return rest;
}

const wait = (ms: number): Promise<null> => new Promise((resolve) => setTimeout(() => resolve(null), ms));

describe("each request is told once, as a whole", () => {
  const append = { method: "POST", route: "append", caller: "public" };
  const get = (path: string, init: RequestInit = {}): Request => new Request(`http://proxy.test${path}`, init);
  const rows: readonly [name: string, request: () => Request, settings: Settings, expected: object][] = [
    ["a message", () => post(PATHS.append, MESSAGE), {}, {
      ...append,
      decision: "stamped",
      bodyBytes: MESSAGE.length + `,"metadata":{"__edge":null}`.length,
      status: 200,
    }],
    ["another record", () => post(PATHS.append, `{"kind":"stop"}`), {}, {
      ...append,
      decision: "forwarded",
      status: 200,
    }],
    ["what the upstream refuses", () => get("/api/v1/x"), {
      upstreamAnswers: () => Promise.resolve(new Response("no", { status: 401 })),
    }, { method: "GET", route: "other", caller: "public", decision: "forwarded", status: 401 }],
    ["a refusal", () => post(`/${PATHS.append}`, MESSAGE), {}, {
      ...append,
      route: "other",
      decision: "refused",
      code: "edge_path_ambiguous",
      status: 400,
    }],
    ["a refusal after the signals were read", () => post(PATHS.append, MESSAGE), {
      admit: () => ({ admit: false, reason: "forbidden" }),
    }, { ...append, decision: "refused", code: "edge_admit_forbidden", status: 403 }],
    ["an overload", () => post(PATHS.append, MESSAGE), { platform: { overloaded: true } }, {
      ...append,
      decision: "refused",
      code: "edge_overloaded",
      status: 503,
    }],
    ["a provider that fails", () => post(PATHS.append, MESSAGE), {
      trust: () => {
        throw new Error("no");
      },
    }, { ...append, decision: "failed", code: "edge_trust_unavailable", status: 503 }],
    ["an upstream that is away", () => post(PATHS.append, MESSAGE), {
      upstreamAnswers: () => Promise.reject(new TypeError("fetch failed")),
    }, {
      ...append,
      decision: "failed",
      bodyBytes: MESSAGE.length + `,"metadata":{"__edge":null}`.length,
      code: "edge_upstream_unreachable",
      status: 502,
    }],
    ["a caller that is away", () => get("/api/v1/x", { signal: AbortSignal.abort() }), {
      upstreamAnswers: ({ signal }) => Promise.reject(signal!.reason as Error),
    }, {
      method: "GET",
      route: "other",
      caller: "public",
      decision: "left",
      code: "edge_upstream_unreachable",
      status: 502,
    }],
    ["a preflight", () => get(PATHS.append, { method: "OPTIONS" }), {}, {
      method: "OPTIONS",
      route: "other",
      caller: "public",
      decision: "own",
      status: 204,
    }],
    ["health", () => get("/.edgestamp/health"), {}, {
      method: "GET",
      route: "health",
      caller: "public",
      decision: "own",
      status: 200,
    }],
    ["a method that there is not", () => get("/api/v1/x", { method: "PROPFIND" }), {}, {
      method: "OTHER",
      route: "other",
      caller: "public",
      decision: "refused",
      code: "edge_method_unsupported",
      status: 405,
    }],
  ];
  for (const [name, request, settings, expected] of rows) {
    test(name, async () => {
      const { response, told } = await watched(request(), settings);
      assert.equal(told.length, 1);
      assert.deepEqual(still(told[0]!), expected);
      assert.equal(response.status, told[0]!.status);
      assert.equal(response.headers.get("x-edge-request-id"), told[0]!.requestId);
    });
  }
});

describe("the id of a request", () => {
  test("is never its caller's", async () => {
    const ids = { "x-edge-request-id": "mine", "x-request-id": "mine", traceparent: "mine" };
    const { response, told } = await watched(post(PATHS.append, MESSAGE, ids));
    assert.match(response.headers.get("x-edge-request-id")!, UUID);
    assert.ok(!JSON.stringify(told).includes("mine"));
  });
  test("is another each time", async () => {
    const ids = new Set<string>();
    for (let i = 0; i < 20; i++) ids.add((await watched(post(PATHS.append, MESSAGE))).told[0]!.requestId);
    assert.equal(ids.size, 20);
  });
});

describe("the trace of a request", () => {
  const TRACE = "0af7651916cd43dd8448eb211c80319c";
  const PARENT = "b7ad6b7169203331";
  const rows: readonly [traceparent: string, traceId: string | undefined][] = [
    [`00-${TRACE}-${PARENT}-01`, TRACE],
    [`00-${TRACE}-${PARENT}-00`, TRACE],
    [`cc-${TRACE}-${PARENT}-01-what-comes-later`, TRACE],
    [`cc-${TRACE}-${PARENT}-01`, TRACE],
    [`00-${TRACE}-${PARENT}-01-what-comes-later`, undefined],
    [`00-${TRACE}-${PARENT}-01-`, undefined],
    [`ff-${TRACE}-${PARENT}-01`, undefined],
    [`00-${"0".repeat(32)}-${PARENT}-01`, undefined],
    [`00-${TRACE}-${"0".repeat(16)}-01`, undefined],
    [`00-${TRACE.toUpperCase()}-${PARENT}-01`, undefined],
    [`00-${TRACE}-${PARENT}`, undefined],
    [`00-${TRACE}-${PARENT}-01, 00-${TRACE}-${PARENT}-01`, undefined],
    [`cc-${TRACE}-${PARENT}-01x`, undefined],
    [`x`, undefined],
    ["", undefined],
  ];
  for (const [traceparent, traceId] of rows) {
    test(`${traceparent} is carried upstream, and ${traceId === undefined ? "not " : ""}told`, async () => {
      let sent: Headers | undefined;
      const upstreamAnswers = (init: RequestInit): Promise<Response> => {
        sent = new Headers(init.headers);
        return OK();
      };
      const { told } = await watched(post(PATHS.append, MESSAGE, { traceparent, tracestate: "a=1" }), {
        upstreamAnswers,
      });
      assert.equal(told[0]!.traceId, traceId);
      assert.equal(sent!.get("traceparent"), traceparent);
      assert.equal(sent!.get("tracestate"), "a=1");
    });
  }
  test("none is begun here", async () => {
    let sent: Headers | undefined;
    await watched(post(PATHS.append, MESSAGE), {
      upstreamAnswers: (init) => {
        sent = new Headers(init.headers);
        return OK();
      },
    });
    assert.deepEqual([sent!.get("traceparent"), sent!.get("x-edge-request-id")], [null, null]);
  });
});

describe("Server-Timing", () => {
  test("says what the whole took, the signals and the upstream", async () => {
    const { response, told: [told] } = await watched(post(PATHS.append, MESSAGE), {
      trust: () => wait(40),
      upstreamAnswers: () => wait(80).then(OK),
    });
    const { durationMs, trustMs, upstreamMs } = told!;
    assert.ok(trustMs! >= 35 && upstreamMs! >= 75 && durationMs >= trustMs! + upstreamMs! - 1, JSON.stringify(told));
    assert.equal(
      response.headers.get("server-timing"),
      `edge;dur=${durationMs}, trust;dur=${trustMs}, upstream;dur=${upstreamMs}`,
    );
  });
  test("has what failed as well, until it did", async () => {
    const { told: [told] } = await watched(post("/api/v1/x", "{}"), {
      limits: { upstreamTimeoutMs: 50 },
      upstreamAnswers: ({ signal }) =>
        new Promise((_, reject) => signal!.addEventListener("abort", () => reject(signal!.reason as Error))),
    });
    assert.equal(told!.code, "edge_upstream_timeout");
    assert.ok(told!.upstreamMs! >= 45, JSON.stringify(told));
    assert.equal(told!.trustMs, undefined);
  });
  test("keeps the upstream's own", async () => {
    const { response } = await watched(post("/api/v1/x", "{}"), {
      upstreamAnswers: () => Promise.resolve(new Response("", { headers: { "server-timing": "db;dur=3" } })),
    });
    assert.match(response.headers.get("server-timing")!, /^db;dur=3, edge;dur=[\d.]+, upstream;dur=[\d.]+$/);
  });
  test("is for pages that may read the answer", async () => {
    const rows = [[PAGE, PAGE], ["https://evil.example", null]] as const;
    for (const [origin, allowed] of rows) {
      const { response } = await watched(post(PATHS.append, MESSAGE, { origin }));
      assert.equal(response.headers.get("timing-allow-origin"), allowed);
    }
    const { response } = await watched(post(PATHS.append, MESSAGE, { origin: PAGE }), { cors: { origins: "*" } });
    assert.equal(response.headers.get("timing-allow-origin"), "*");
  });
  test("can be left out", async () => {
    const { response } = await watched(post(PATHS.append, MESSAGE, { origin: PAGE }), { serverTiming: false });
    assert.equal(response.headers.get("server-timing"), null);
    assert.equal(response.headers.get("timing-allow-origin"), null);
    assert.match(response.headers.get("x-edge-request-id")!, UUID);
  });
});

describe("observers", () => {
  const loud: Observer = () => {
    throw new Error("the log is full");
  };
  test("one that throws keeps nothing from the others, nor from the caller", async () => {
    const { response, told } = await watched(post(PATHS.append, MESSAGE), { others: [loud, loud] });
    assert.equal(response.status, 200);
    assert.equal(told.length, 1);
  });
  test("what went wrong is there for who asks, and in nothing that is printed or copied", async () => {
    const secret = new Error("a secret in an error");
    const { told: [told] } = await watched(post(PATHS.append, MESSAGE), { trust: () => Promise.reject(secret) });
    assert.equal(told!.cause, secret);
    assert.ok(!JSON.stringify(told).includes("cause") && !("cause" in { ...told }));
  });
  test("nobody who watches: nothing is measured, and nobody is told", async () => {
    const real = performance.now;
    performance.now = () => assert.fail("something was measured");
    try {
      const proxy = createProxy({ upstream: "http://127.0.0.1:9", trust: () => null });
      const response = await proxy.fetch(new Request("http://proxy.test/.edgestamp/health"));
      assert.deepEqual([...response.headers.keys()].filter((name) => /edge|timing/.test(name)), []);
    } finally {
      performance.now = real;
    }
  });
});
