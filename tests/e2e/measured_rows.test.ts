/** The rest of what was measured and documented, a line each: what `upstream.test.ts` and `documented_limits.test.ts` do not say. */

import assert from "node:assert/strict";
import { beforeEach, describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { countingIds } from "../../dev/ids.ts";
import { mintPublicToken } from "../../dev/tokens.ts";
import { createUpstream, type Upstream } from "../../dev/upstream.ts";

const ORIGIN = "http://upstream.local";
const SECRET = "tr_dev_local";
const NOW = new Date("2026-11-21T12:00:00Z");
const IN = "/realtime/v1/sessions/chat-1/in";
const OUT = "/realtime/v1/sessions/chat-1/out";

let upstream: Upstream;
let publicToken: string;

interface CallOptions {
  readonly token?: string;
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly headers?: Record<string, string>;
}

function call(method: string, path: string, { token = SECRET, body, headers = {} }: CallOptions = {}) {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  const length: Record<string, string> = bytes === undefined ? {} : { "content-length": String(bytes.length) };
  const request = { method, headers: { authorization: `Bearer ${token}`, ...length, ...headers }, body: bytes ?? null };
  return upstream.fetch(new Request(path.startsWith("http") ? path : ORIGIN + path, request));
}

const creation = (more: object = {}) =>
  JSON.stringify({ type: "chat.agent", taskIdentifier: "t", triggerConfig: { basePayload: {} }, ...more });
const create = (more: object = {}) => call("POST", "/api/v1/sessions", { body: creation(more) });
const tokenFor = (...scopes: string[]) => mintPublicToken(upstream.environment, { scopes, now: NOW });

beforeEach(async () => {
  upstream = createUpstream({ clock: () => NOW, ids: countingIds() });
  ({ publicAccessToken: publicToken } = await (await create({ externalId: "chat-1" })).json());
});

describe("start a session", () => {
  it("gives a row whose every field is there, null where there is nothing", async () => {
    const { publicAccessToken, ...row } = await (await create()).json();
    assert.equal(publicAccessToken.split(".").length, 3);
    const at = NOW.toISOString();
    assert.match(row.id, /^session_/);
    assert.match(row.runId, /^run_/);
    assert.deepEqual(row, {
      id: row.id,
      externalId: null,
      type: "chat.agent",
      taskIdentifier: "t",
      triggerConfig: { basePayload: {} },
      currentRunId: row.runId,
      tags: [],
      metadata: null,
      closedAt: null,
      closedReason: null,
      expiresAt: null,
      createdAt: at,
      updatedAt: at,
      runId: row.runId,
      isCached: false,
    });
  });

  it("says that it was there, and keeps what it was created with", async () => {
    const again = await (await create({ externalId: "chat-1", metadata: { of: "the second" } })).json();
    assert.deepEqual([again.isCached, again.metadata, again.tags], [true, null, []]);
  });

  it("leaves out the live run where sessions are listed", async () => {
    const { data } = await (await call("GET", "/api/v1/sessions")).json();
    assert.deepEqual([data.length, data[0].externalId, "currentRunId" in data[0]], [1, "chat-1", false]);
    assert.match((await (await call("GET", "/api/v1/sessions/chat-1")).json()).currentRunId, /^run_/);
  });

  it("takes 32 KiB, and not a byte more", async () => {
    const filled = (bytes: number) => {
      const empty = creation({ metadata: { text: "" } });
      return creation({ metadata: { text: "x".repeat(bytes - empty.length) } });
    };
    assert.equal((await call("POST", "/api/v1/sessions", { body: filled(32_768) })).status, 201);
    assert.equal((await call("POST", "/api/v1/sessions", { body: filled(32_769) })).status, 413);
  });

  it("reads the last of two keys, and any Content-Type; nothing that is compressed", async () => {
    const body = creation({ externalId: "last" }).replace("{", '{"externalId":"first",');
    const answer = await call("POST", "/api/v1/sessions", { body, headers: { "content-type": "text/plain" } });
    assert.deepEqual([answer.status, (await answer.json()).externalId], [201, "last"]);
    const gzipped = Uint8Array.from(gzipSync(creation()));
    const headers = { "content-encoding": "gzip" };
    assert.equal((await call("POST", "/api/v1/sessions", { body: gzipped, headers })).status, 400);
  });

  it("starts a new run for a session whose run is over, and tells it that it continues", async () => {
    const { externalId, runId } = await (await create({ externalId: "chat-1" })).json();
    upstream.runs.cancel(upstream.runs.find(runId)!);
    const { runId: next, isCached } = await (await create({ externalId })).json();
    assert.deepEqual([isCached, next === runId], [true, false]);
    const payload = JSON.parse(upstream.runs.find(next)?.payload.data ?? "{}");
    assert.deepEqual([payload.continuation, payload.previousRunId], [true, runId]);
  });
});

describe("channels", () => {
  it("store compressed bytes as the garbage that they are", async () => {
    const body = Uint8Array.from(gzipSync("{}"));
    const headers = { "content-encoding": "gzip", "x-part-id": "p" };
    assert.equal((await call("POST", `${IN}/append`, { token: publicToken, body, headers })).status, 200);
    const { records } = await (await call("GET", `${IN}/records`)).json();
    assert.equal(records[0].data, new TextDecoder().decode(body));
  });

  it("give out control records with their headers and no data, live and drained", async () => {
    const store = await call("PUT", OUT);
    const credentials = (name: string) => store.headers.get(`x-s2-${name}`) ?? "";
    const control = [
      ["trigger-control", "turn-complete"],
      ["public-access-token", "token"],
      ["session-in-event-id", "3"],
      ["last-event-id", "7"],
    ];
    const words = JSON.stringify({ data: { type: "text-delta", delta: "hi" }, id: "w" });
    const url = `${credentials("endpoint")}/streams/${encodeURIComponent(credentials("stream-name"))}/records`;
    const body = JSON.stringify({ records: [{ body: words }, { body: "", headers: control }] });
    const headers = { "content-type": "application/json" };
    assert.equal((await call("POST", url, { token: credentials("access-token"), body, headers })).status, 200);
    const drained = await (await call("GET", `${OUT}/records`, { token: publicToken })).json();
    assert.deepEqual(drained.records, [
      { data: { type: "text-delta", delta: "hi" }, id: "w", seqNum: 0 },
      { data: "", id: "", seqNum: 1, headers: control },
    ]);
    const live = await call("GET", OUT, { token: publicToken, headers: { "x-peek-settled": "1" } });
    assert.match(await live.text(), /"headers":\[\["trigger-control","turn-complete"\],\["public-access-token"/);
  });

  it("drain from the start where nothing is said", async () => {
    for (const n of [1, 2]) await call("POST", `${IN}/append`, { body: `{"n":${n}}` });
    const { records } = await (await call("GET", `${IN}/records`)).json();
    assert.deepEqual(records.map(({ seqNum }: { seqNum: number }) => seqNum), [0, 1]);
  });
});

describe("who may do what", () => {
  it("a session's token reads no run, and triggers none", async () => {
    const { currentRunId } = await (await call("GET", "/api/v1/sessions/chat-1", { token: publicToken })).json();
    assert.equal((await call("GET", `/api/v3/runs/${currentRunId}`, { token: publicToken })).status, 403);
    assert.equal((await call("POST", "/api/v1/tasks/t/trigger", { token: publicToken, body: "{}" })).status, 403);
  });

  it("a trigger token triggers its task once, and the answer brings a token for the run", async () => {
    const token = await mintPublicToken(upstream.environment, {
      scopes: ["trigger:tasks:t"],
      claims: { otu: true },
      now: NOW,
    });
    const trigger = (task: string) => call("POST", `/api/v1/tasks/${task}/trigger`, { token, body: "{}" });
    assert.equal((await trigger("other")).status, 403);
    const answer = await trigger("t");
    assert.equal(answer.status, 200);
    const { id } = await answer.json();
    const claims = JSON.parse(answer.headers.get("x-trigger-jwt-claims") ?? "{}");
    assert.ok(claims.scopes.includes(`read:runs:${id}`), JSON.stringify(claims));
    const forRun = answer.headers.get("x-trigger-jwt") ?? "";
    assert.equal((await call("GET", `/api/v3/runs/${id}`, { token: forRun })).status, 200);
    assert.equal((await trigger("t")).status, 422);
  });

  for (
    const [what, authorization, status] of [
      ["no scheme", (token: string) => token, 200],
      ["two spaces", (token: string) => `Bearer  ${token}`, 200],
      ["a scheme in lower case", (token: string) => `bearer ${token}`, 401],
      ["nothing", () => "", 401],
    ] as const
  ) {
    it(`Authorization with ${what}: ${status}`, async () => {
      for (const token of [SECRET, publicToken]) {
        const headers = { authorization: authorization(token) };
        assert.equal((await call("GET", "/api/v1/sessions/chat-1", { headers })).status, status);
      }
    });
  }

  it("no token in the query", async () => {
    const headers = { authorization: "" };
    assert.equal((await call("GET", `/api/v1/sessions/chat-1?access_token=${SECRET}`, { headers })).status, 401);
  });
});

describe("spellings", () => {
  for (
    const path of [
      "/API/v1/Sessions",
      "/api/v1/session%73",
      "/%61pi/v1/sessions",
      "/./api/v1/sessions",
      "/x/../api/v1/sessions",
      "/x/%2e%2e/api/v1/sessions",
      "\\api\\v1\\sessions",
      "/api/v1/sessions?_data=routes%2Fapi.v1.sessions",
      "/api/v1/sessions#x",
    ]
  ) {
    it(`${path} creates a session`, async () => {
      assert.equal((await call("POST", path, { body: creation() })).status, 201);
    });
  }

  for (const path of ["/api/v1/sessions;x", "/api/v1/sessions%20", "/api/v1/sessions.json", "//api/v1/sessions"]) {
    it(`${path} does not`, async () => {
      assert.equal((await call("POST", path, { body: creation() })).status, 404);
    });
  }
});

it("CORS: a preflight's methods and origin, and what the others expose", async () => {
  const origin = "https://app.example";
  const preflight = await call("OPTIONS", "/api/v1/sessions", { headers: { origin } });
  assert.deepEqual(await preflight.json(), {});
  assert.deepEqual(
    ["access-control-allow-origin", "access-control-allow-methods", "access-control-allow-credentials"].map((name) =>
      preflight.headers.get(name)
    ),
    [origin, "GET,HEAD,PUT,PATCH,POST,DELETE", null],
  );
  const answer = await call("GET", "/api/v1/sessions/chat-1", { headers: { origin } });
  assert.equal(answer.headers.get("access-control-expose-headers"), "x-trigger-jwt,x-trigger-jwt-claims");
  assert.match(answer.headers.get("vary") ?? "", /Origin/);
});

it("input streams: 1 MB at a time, and nothing to a run that is over", async () => {
  const run = upstream.runs.trigger({ taskIdentifier: "t", payload: { data: "{}", dataType: "application/json" } });
  const token = await tokenFor(`write:inputStreams:${run.id}`);
  const send = async (data: string) =>
    (await call("POST", `/realtime/v1/streams/${run.id}/input/a`, { token, body: JSON.stringify({ data }) })).status;
  assert.equal(await send("x".repeat(1024 * 1024 - 256)), 200);
  assert.equal(await send("x".repeat(1024 * 1024)), 413);
  upstream.runs.cancel(run);
  assert.equal(await send("late"), 400);
});
