/** The local upstream answers as the real server was measured to answer. Without this, a green test elsewhere proves little. */

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { decodeJwt } from "jose";
import { countingIds } from "../../dev/ids.ts";
import { mintPublicToken } from "../../dev/tokens.ts";
import { createUpstream, type Upstream } from "../../dev/upstream.ts";

const ORIGIN = "http://upstream.local";
const SECRET = "tr_dev_secret";
const NOW = new Date("2026-11-21T12:00:00Z");

let upstream: Upstream;
let publicToken: string;

interface CallOptions {
  readonly token?: string | null;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** A body is JSON unless it is text or bytes; its length is sent, as HTTP clients send it. */
function call(
  method: string,
  path: string,
  { token = SECRET, body, headers = {} }: CallOptions = {},
): Promise<Response> {
  const bytes = body === undefined || body instanceof Uint8Array
    ? body
    : new TextEncoder().encode(typeof body === "string" ? body : JSON.stringify(body));
  const sent = new Headers(token === null ? {} : { authorization: `Bearer ${token}` });
  if (bytes !== undefined) sent.set("content-length", String(bytes.length));
  for (const [name, value] of Object.entries(headers)) value === "" ? sent.delete(name) : sent.set(name, value);
  return upstream.fetch(
    new Request(ORIGIN + path, {
      method,
      headers: sent,
      ...(bytes === undefined ? {} : { body: bytes as Uint8Array<ArrayBuffer> }),
    }),
  );
}

const creation = (externalId: string, more: object = {}) => ({
  type: "chat.agent",
  externalId,
  taskIdentifier: "agent",
  triggerConfig: { basePayload: { chatId: externalId, trigger: "preload" } },
  ...more,
});
const create = (externalId: string, more: object = {}) =>
  call("POST", "/api/v1/sessions", { body: creation(externalId, more) });
const append = (path: string, options: CallOptions = {}) =>
  call("POST", `/realtime/v1/sessions/${path}/append`, { token: publicToken, body: "{}", ...options });
const stored = () => upstream.streams.open("/sessions/chat-1/in").from(0).map((record) => JSON.parse(record.body));

beforeEach(async () => {
  upstream = createUpstream({ secretKey: SECRET, clock: () => NOW, ids: countingIds() });
  publicToken = (await (await create("chat-1")).json()).publicAccessToken;
});

describe("create", () => {
  it("answers 201, then 200 for the same externalId, with a token for that session", async () => {
    const first = await create("chat-2");
    assert.equal(first.status, 201);
    const body = await first.json();
    assert.deepEqual(Object.keys(body), [
      "id",
      "externalId",
      "type",
      "taskIdentifier",
      "triggerConfig",
      "currentRunId",
      "tags",
      "metadata",
      "closedAt",
      "closedReason",
      "expiresAt",
      "createdAt",
      "updatedAt",
      "runId",
      "publicAccessToken",
      "isCached",
    ]);
    assert.equal(body.isCached, false);
    const claims = decodeJwt(body.publicAccessToken);
    assert.deepEqual(claims["scopes"], ["read:sessions:chat-2", "write:sessions:chat-2"]);
    assert.equal(claims["pub"], true);
    assert.equal(claims.exp, NOW.getTime() / 1000 + 3600);
    const again = await create("chat-2");
    assert.equal(again.status, 200);
    assert.deepEqual([(await again.json()).runId], [body.runId]);
  });

  for (
    const [what, options, status] of [
      ["a slash in externalId", { body: creation("a/b") }, 201],
      ["a reserved externalId", { body: creation("session_x") }, 400],
      ["over 32 KiB", { body: creation("big", { metadata: { text: "x".repeat(32 * 1024) } }) }, 413],
      ["chunked", { body: creation("chunked"), headers: { "content-length": "" } }, 413],
      ["empty", { body: "" }, 400],
      ["bad JSON", { body: "{" }, 400],
      ["no Content-Type and unknown keys", { body: creation("odd", { unknown: 1 }) }, 201],
      ["no token", { body: creation("x"), token: null }, 401],
    ] as const
  ) {
    it(`answers ${status} for ${what}`, async () => {
      assert.equal((await call("POST", "/api/v1/sessions", options)).status, status);
    });
  }

  it("takes a token for the task, and refuses a session's", async () => {
    const forTask = await mintPublicToken(upstream.environment, { scopes: ["write:tasks:agent"], now: NOW });
    assert.equal((await call("POST", "/api/v1/sessions", { body: creation("t"), token: forTask })).status, 201);
    assert.equal((await call("POST", "/api/v1/sessions", { body: creation("t"), token: publicToken })).status, 403);
  });

  it("answers 409 for a closed session", async () => {
    await call("POST", "/api/v1/sessions/chat-1/close", { body: {} });
    assert.equal((await create("chat-1")).status, 409);
  });
});

describe("append", () => {
  it("stores the body as text under its part id, once", async () => {
    const headers = { "x-part-id": "part-1" };
    const first = await append("chat-1/in", { body: { kind: "stop" }, headers });
    assert.deepEqual(await first.json(), { ok: true, seq: 0 });
    assert.deepEqual(await (await append("chat-1/in", { body: "{}", headers })).json(), { ok: true });
    assert.deepEqual(stored(), [{ data: '{"kind":"stop"}', id: "part-1" }]);
  });

  it("drops one byte order mark, and replaces what is no UTF-8", async () => {
    await append("chat-1/in", { body: new Uint8Array([0xef, 0xbb, 0xbf, 0x7b, 0x7d, 0xff]) });
    assert.equal(stored()[0].data, "{}\ufffd");
  });

  it("drops a client's claim to be a webhook", async () => {
    await append("chat-1/in", { body: { payload: { actionSource: "webhook", a: 1 } } });
    assert.equal(stored()[0].data, '{"payload":{"a":1}}');
  });

  it("answers by token and channel", async () => {
    const sessionId = upstream.sessions.find("chat-1")?.id;
    await create("chat-2");
    const status = async (path: string, options: CallOptions = {}) => (await append(path, options)).status;
    assert.equal(await status(`${sessionId}/in`), 200);
    assert.equal(await status("chat-1/out"), 403);
    assert.equal(await status("chat-1/out", { token: SECRET }), 200);
    assert.equal(await status("chat-2/in"), 403);
    assert.equal(await status("chat-1/in", { token: null }), 401);
    assert.equal(await status("chat-1/in", { headers: { authorization: `bearer ${publicToken}` } }), 401);
    assert.equal(await status("unknown/in", { token: SECRET }), 404);
    assert.equal(await status("chat-1/in", { body: "" }), 200);
    assert.equal(await status("chat-1/in", { headers: { "content-length": "" } }), 413);
    assert.equal(await status("chat-1/in", { body: "x".repeat(1024 * 1024 + 1) }), 413);
    assert.equal(await status("chat-1/up"), 400);
    const expired = await mintPublicToken(upstream.environment, {
      scopes: ["write:sessions:chat-1"],
      expiresAt: 1,
      now: NOW,
    });
    assert.equal(await status("chat-1/in", { token: expired }), 401);
  });

  it("refuses a closed session", async () => {
    await call("POST", "/api/v1/sessions/chat-1/close", { body: { reason: "done" } });
    const answer = await append("chat-1/in");
    assert.equal(answer.status, 400);
    assert.deepEqual(await answer.json(), { ok: false, error: "Cannot append to a closed session" });
  });
});

describe("read", () => {
  it("streams batches after Last-Event-ID, and ends with [DONE]", async () => {
    for (const kind of ["a", "b"]) await append("chat-1/in", { body: { kind }, headers: { "x-part-id": kind } });
    const answer = await call("GET", "/realtime/v1/sessions/chat-1/in", {
      token: publicToken,
      headers: { "last-event-id": "0", "timeout-seconds": "1" },
    });
    assert.equal(answer.headers.get("x-stream-version"), "v2");
    const text = await answer.text();
    assert.match(text, /event: batch\ndata: \{"records":\[\{"seq_num":1,[^\n]*\n\n/);
    assert.doesNotMatch(text, /"seq_num":0/);
    assert.match(text, /data: \[DONE\]\n\n$/);
  });

  it("drains records, and answers HEAD", async () => {
    await append("chat-1/in", { body: { kind: "stop" }, headers: { "x-part-id": "p" } });
    const drained = await call("GET", "/realtime/v1/sessions/chat-1/in/records", { token: publicToken });
    assert.deepEqual(await drained.json(), { records: [{ data: '{"kind":"stop"}', id: "p", seqNum: 0 }] });
    for (const path of ["in", "in/records"]) {
      assert.equal((await call("HEAD", `/realtime/v1/sessions/chat-1/${path}`, { token: publicToken })).status, 200);
    }
  });

  it("hands out store credentials for in, and for out to the secret key alone", async () => {
    const put = (io: string, token: string) => call("PUT", `/realtime/v1/sessions/chat-1/${io}`, { token });
    const answer = await put("in", publicToken);
    assert.equal(answer.status, 202);
    for (const name of ["access-token", "basin", "endpoint", "stream-name", "flush-interval-ms", "max-retries"]) {
      assert.ok(answer.headers.has(`x-s2-${name}`), name);
    }
    assert.equal((await put("out", publicToken)).status, 403);
    assert.equal((await put("out", SECRET)).status, 202);
  });
});

describe("the rest", () => {
  it("is read by the session's token, and changed by the secret key alone", async () => {
    const status = async (method: string, path: string, token: string, body?: object) =>
      (await call(method, path, { token, ...(body === undefined ? {} : { body }) })).status;
    assert.equal(await status("GET", "/api/v1/sessions/chat-1", publicToken), 200);
    assert.equal(await status("GET", "/api/v1/sessions", publicToken), 403);
    assert.equal(await status("PATCH", "/api/v1/sessions/chat-1", publicToken, {}), 403);
    assert.equal(await status("POST", "/api/v1/sessions/chat-1/close", publicToken, {}), 403);
    assert.equal(await status("POST", "/api/v1/auth/jwt/claims", publicToken), 401);
    assert.equal(await status("PATCH", "/api/v1/sessions/chat-1", SECRET, { externalId: "other" }), 422);
    const callingRunId = upstream.sessions.find("chat-1")?.currentRunId;
    const swapped = await call("POST", "/api/v1/sessions/chat-1/end-and-continue", {
      token: publicToken,
      body: { callingRunId, reason: "upgrade" },
    });
    assert.equal((await swapped.json()).swapped, true);
  });

  it("knows a route by other spellings, as the server does", async () => {
    for (
      const path of [
        "chat%2d1/in/append",
        "chat-1/in/%61ppend",
        "chat-1/in/APPEND",
        "chat-1/%69n/append",
        "chat-1/out/../in/append",
      ]
    ) {
      assert.equal(
        (await call("POST", `/realtime/v1/sessions/${path}`, { token: publicToken, body: "{}" })).status,
        200,
        path,
      );
    }
    for (
      const [path, status] of [
        ["chat-1/IN/append", 400],
        ["CHAT-1/in/append", 403],
        ["chat%252d1/in/append", 403],
        ["chat-1%2fin/append", 405],
        ["chat-1/in%2fappend", 405],
        ["chat-1//in/append", 404],
        ["chat-1/in/append/", 301],
        ["chat-1/in/append%", 400],
      ] as const
    ) {
      assert.equal(
        (await call("POST", `/realtime/v1/sessions/${path}`, { token: publicToken, body: "{}" })).status,
        status,
        path,
      );
    }
  });

  it("answers preflight on every route, and adds CORS headers for an origin alone", async () => {
    const headers = { origin: "https://app.example", "access-control-request-headers": "authorization,x-part-id" };
    const answer = await call("OPTIONS", "/realtime/v1/sessions/chat-1/in/append", { token: null, headers });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("access-control-allow-headers"), "authorization,x-part-id");
    assert.equal(answer.headers.get("access-control-max-age"), "300");
    const withOrigin = await append("chat-1/in", { headers: { origin: "null" } });
    assert.equal(withOrigin.headers.get("access-control-allow-origin"), "null");
    assert.equal((await append("chat-1/in")).headers.get("access-control-allow-origin"), null);
    assert.equal(
      (await call("GET", "/realtime/v1/sessions/chat-1/in/append", { headers })).headers.get(
        "access-control-allow-origin",
      ),
      null,
    );
  });
});
