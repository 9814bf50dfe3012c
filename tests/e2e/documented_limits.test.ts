/** The statuses, limits and authorizations that the documents give, line by line. What is measured otherwise is in `upstream.test.ts`. */

import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { mintPublicToken } from "../../dev/tokens.ts";
import { createUpstream, type Upstream } from "../../dev/upstream.ts";

const ORIGIN = "http://upstream.local";
const SECRET = "tr_dev_local";

let upstream: Upstream;
before(() => {
  upstream = createUpstream({ livePollSeconds: 1 });
});

interface CallOptions {
  readonly scopes?: readonly string[];
  readonly claims?: Record<string, unknown>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

/** With scopes, calls with a public token that has them; without, with the secret key. */
async function call(
  method: string,
  path: string,
  { scopes, claims = {}, body, headers = {} }: CallOptions = {},
): Promise<Response> {
  const token = scopes === undefined
    ? SECRET
    : await mintPublicToken(upstream.environment, { scopes, claims, now: new Date() });
  const text = body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body);
  const length = text === null ? {} : { "content-length": String(new TextEncoder().encode(text).length) };
  return upstream.fetch(
    new Request(ORIGIN + path, {
      method,
      body: text,
      headers: { authorization: `Bearer ${token}`, ...length, ...headers },
    }),
  );
}

const status = async (...args: Parameters<typeof call>) => {
  const response = await call(...args);
  await response.body?.cancel();
  return response.status;
};

const create = (more: object) =>
  status("POST", "/api/v1/sessions", {
    body: { type: "chat.agent", taskIdentifier: "t", triggerConfig: { basePayload: {} }, ...more },
  });
const text = (length: number) => "x".repeat(length);

describe("start a session: what the body may be", () => {
  for (
    const [field, good, bad] of [
      ["type", text(64), [text(65), "", 1]],
      ["taskIdentifier", text(128), [text(129), ""]],
      ["externalId", text(256), [text(257), "", "session_1"]],
      ["tags", Array(10).fill(text(128)), [Array(11).fill("t"), [text(129)]]],
      ["metadata", { any: ["json"] }, ["text", [1]]],
      ["expiresAt", "2030-11-07T05:31:56Z", ["some day"]],
      ["triggerConfig", {
        basePayload: {},
        machine: "small-1x",
        queue: "q",
        tags: ["a"],
        maxAttempts: 5,
        maxDuration: 2,
        lockToVersion: "20240523.1",
        region: "eu",
        idleTimeoutInSeconds: 3600,
      }, [{}, { basePayload: {}, maxAttempts: 11 }, { basePayload: {}, maxDuration: 0 }, {
        basePayload: {},
        tags: Array(11).fill("t"),
      }, { basePayload: {}, idleTimeoutInSeconds: 0 }]],
    ] as const
  ) {
    it(field, async () => {
      assert.equal(await create({ [field]: good }), 201);
      for (const value of bad as readonly unknown[]) {
        assert.equal(await create({ [field]: value }), 400, JSON.stringify(value));
      }
    });
  }

  it("requires type, taskIdentifier and triggerConfig", async () => {
    for (const field of ["type", "taskIdentifier", "triggerConfig"]) {
      assert.equal(await create({ [field]: undefined }), 400, field);
    }
  });

  it("is idempotent by externalId, until the session is closed or has expired: then 409", async () => {
    assert.equal(await create({ externalId: "again" }), 201);
    assert.equal(await create({ externalId: "again" }), 200);
    await call("POST", "/api/v1/sessions/again/close", { body: {} });
    assert.equal(await create({ externalId: "again" }), 409);
    assert.equal(await create({ externalId: "old", expiresAt: "2020-01-01T00:00:00Z" }), 409);
  });
});

describe("channels", () => {
  before(() => create({ externalId: "chat" }));
  const read = ["read:sessions:chat"], write = ["write:sessions:chat"];
  for (
    const [what, method, path, readOnly, writeOnly, secret, options] of [
      ["subscribe", "GET", "out", 200, 403, 200],
      ["subscribe", "GET", "in", 200, 403, 200],
      ["drain", "GET", "in/records", 200, 403, 200],
      ["drain", "GET", "out/records", 200, 403, 200],
      ["append", "POST", "in/append", 403, 200, 200, { body: "text" }],
      ["append", "POST", "out/append", 403, 403, 200, { body: "text" }],
    ] as const
  ) {
    it(`${what} ${path}: ${readOnly} to read:sessions, ${writeOnly} to write:sessions, ${secret} to the secret key`, async () => {
      const asked = { headers: { "timeout-seconds": "1" }, ...options };
      const url = `/realtime/v1/sessions/chat/${path}`;
      assert.deepEqual([
        await status(method, url, { ...asked, scopes: read }),
        await status(method, url, { ...asked, scopes: write }),
        await status(method, url, asked),
      ], [readOnly, writeOnly, secret]);
    });
  }

  it("one token authorizes both names of a session", async () => {
    const id = upstream.sessions.find("chat")?.id ?? "";
    assert.equal(await status("POST", `/realtime/v1/sessions/${id}/in/append`, { scopes: write, body: "text" }), 200);
    assert.equal(
      await status("POST", "/realtime/v1/sessions/chat/in/append", { scopes: [`write:sessions:${id}`], body: "text" }),
      200,
    );
  });

  it("hold for 1 to 600 seconds", async () => {
    for (const [seconds, expected] of [["0", 400], ["601", 400], ["soon", 400], ["600", 200], ["1", 200]] as const) {
      assert.equal(
        await status("GET", "/realtime/v1/sessions/chat/out", { headers: { "timeout-seconds": seconds } }),
        expected,
        seconds,
      );
    }
  });

  it("take a record of up to 1 MiB, whose envelope counts", async () => {
    assert.equal(await status("POST", "/realtime/v1/sessions/chat/in/append", { body: text(1024 * 1024 - 64) }), 200);
    assert.equal(await status("POST", "/realtime/v1/sessions/chat/in/append", { body: text(1024 * 1024) }), 413);
  });

  it("page with afterEventId, and start at the end where asked", async () => {
    const url = "/realtime/v1/sessions/pages/channels/a/in";
    await create({ externalId: "pages" });
    for (const n of [1, 2, 3]) await call("POST", `${url}/append`, { body: `{"n":${n}}` });
    const { records } = (await (await call("GET", `${url}/records?afterEventId=1`)).json()) as {
      records: { seqNum: number }[];
    };
    assert.deepEqual(records.map(({ seqNum }) => seqNum), [2]);
    const latest = await call("GET", url, { headers: { "timeout-seconds": "1", "x-trigger-stream-start": "latest" } });
    await call("POST", `${url}/append`, { body: '{"n":4}' });
    const heard = await latest.text();
    assert.match(heard, /"seq_num":3/);
    assert.doesNotMatch(heard, /"seq_num":2/);
  });

  it("refuse what is appended to a closed or an expired session: 400", async () => {
    await create({ externalId: "closed" });
    await call("POST", "/api/v1/sessions/closed/close", { body: {} });
    upstream.sessions.upsert({
      type: "t",
      externalId: "expired",
      taskIdentifier: "t",
      triggerConfig: { basePayload: {} },
      expiresAt: "2020-01-01T00:00:00Z",
    });
    for (const id of ["closed", "expired"]) {
      assert.equal(await status("POST", `/realtime/v1/sessions/${id}/in/append`, { body: "text" }), 400, id);
    }
  });
});

describe("runs", () => {
  let run: string;
  before(() => {
    run = upstream.runs.trigger({
      taskIdentifier: "t",
      payload: { data: "{}", dataType: "application/json" },
      tags: ["user-1"],
      batchId: "batch_1",
    }).id;
  });
  for (
    const [scope, expected] of [
      ["read:runs", 200],
      ["read:runs:RUN", 200],
      ["read:runs:run_other", 403],
      ["read:tasks:t", 200],
      ["read:tasks:other", 403],
      ["read:tags:user-1", 200],
      ["read:tags:user-2", 403],
      ["read:batch:batch_1", 200],
      ["read:all", 200],
      ["admin", 200],
      ["*:runs", 200],
      ["write:runs:RUN", 403],
      ["read", 403],
    ] as const
  ) {
    it(`are read with ${scope}: ${expected}`, async () => {
      const scopes = [scope.replace("RUN", run)];
      for (
        const path of [`/api/v3/runs/${run}`, `/realtime/v1/runs/${run}?offset=-1`, `/realtime/v1/streams/${run}/words`]
      ) {
        assert.equal(await status("GET", path, { scopes, headers: { "timeout-seconds": "1" } }), expected, path);
      }
    });
  }

  for (
    const [what, method, path, scopes, expected, body] of [
      ["trigger", "POST", "/api/v1/tasks/t/trigger", ["trigger:tasks:t"], 200, {}],
      ["trigger", "POST", "/api/v1/tasks/t/trigger", ["trigger:tasks:other"], 403, {}],
      ["trigger", "POST", "/api/v1/tasks/t/trigger", ["write:tasks:t"], 200, {}],
      ["create a session", "POST", "/api/v1/sessions", ["trigger:tasks:t"], 403, {
        type: "c",
        taskIdentifier: "t",
        triggerConfig: { basePayload: {} },
      }],
      ["batch", "POST", "/api/v3/batches", ["batchTrigger:tasks:t"], 202, { runCount: 1, taskIdentifiers: ["t"] }],
      ["batch", "POST", "/api/v3/batches", ["batchTrigger:tasks:t"], 403, {
        runCount: 2,
        taskIdentifiers: ["t", "other"],
      }],
      ["batch without names", "POST", "/api/v3/batches", ["batchTrigger:tasks:t"], 403, { runCount: 1 }],
      ["send", "POST", "/realtime/v1/streams/RUN/input/a", ["write:inputStreams:RUN"], 200, { data: 1 }],
      ["send", "POST", "/realtime/v1/streams/RUN/input/a", ["read:runs:RUN"], 403, { data: 1 }],
      ["write a stream", "PUT", "/realtime/v1/streams/RUN/self/a", ["*:all"], 403, undefined],
      ["cancel", "POST", "/api/v2/runs/RUN/cancel", ["read:runs:RUN"], 403, undefined],
      ["make a token", "POST", "/api/v1/waitpoints/tokens", ["*:all"], 403, {}],
      ["live query", "GET", "/realtime/v1/runs?tags=user-1&offset=-1", ["read:tags:user-1"], 200, undefined],
      ["live query", "GET", "/realtime/v1/runs?tags=user-1&offset=-1", ["read:tags:user-2"], 403, undefined],
      ["live query", "GET", "/realtime/v1/runs?offset=-1", ["read:tags:user-1"], 403, undefined],
      ["live query", "GET", "/realtime/v1/runs?tags=a%22b&offset=-1", ["read:tags"], 400, undefined],
    ] as const
  ) {
    it(`${what}: ${method} ${path} with ${scopes.join()}: ${expected}`, async () => {
      const fill = (value: string) => value.replace("RUN", run);
      assert.equal(
        await status(method, fill(path), { scopes: scopes.map(fill), ...(body === undefined ? {} : { body }) }),
        expected,
      );
    });
  }

  it("a token that may write a task may start its sessions, too", async () => {
    const body = { type: "c", taskIdentifier: "t", triggerConfig: { basePayload: {} } };
    assert.equal(await status("POST", "/api/v1/sessions", { scopes: ["write:tasks:t"], body }), 201);
  });
});
