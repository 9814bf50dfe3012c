/** `edgestamp/dev` as other people's tests use it: their tasks, their clock and ids, their runner, or none. */

import assert from "node:assert/strict";
import { after, it } from "node:test";
import { auth, runs, tasks } from "@trigger.dev/sdk";
import {
  countingIds,
  createUpstream,
  mintPublicToken,
  type RecordedRequest,
  recordRequests,
  type RunHost,
  startLocal,
} from "../../dev/mod.ts";
import type { double } from "./own_tasks.ts";

const ORIGIN = "http://upstream.local";
const headers = { authorization: "Bearer tr_dev_local" };

function post(path: string, body: object): Request {
  const text = JSON.stringify(body);
  return new Request(ORIGIN + path, {
    method: "POST",
    body: text,
    headers: { ...headers, "content-length": String(text.length) },
  });
}

it("executes somebody else's tasks, hooks and all", { timeout: 180_000 }, async () => {
  const local = await startLocal({ tasks: new URL("./own_tasks.ts", import.meta.url) });
  after(() => local.close());
  await auth.withAuth({ baseURL: local.url, accessToken: local.environment.secretKey }, async () => {
    const { id } = await tasks.trigger<typeof double>("double", { n: 21 });
    const { output, metadata } = await runs.poll<typeof double>(id, { pollIntervalMs: 20 });
    assert.deepEqual({ output, metadata }, { output: { doubled: 42 }, metadata: { started: true } });
    // The demo's tasks are not there.
    const { error } = await runs.poll((await tasks.trigger("demo-add", {})).id, { pollIntervalMs: 20 });
    assert.equal(error?.message, "Could not find task demo-add");
  });
});

it("fails every run where the tasks cannot be loaded, and says why", { timeout: 180_000 }, async () => {
  const local = await startLocal({ tasks: new URL("./no_such_tasks.ts", import.meta.url) });
  after(() => local.close());
  await auth.withAuth({ baseURL: local.url, accessToken: local.environment.secretKey }, async () => {
    const { status, error } = await runs.poll((await tasks.trigger("double", { n: 1 })).id, { pollIntervalMs: 20 });
    assert.equal(status, "FAILED");
    assert.match(error?.message ?? "", /Cannot find module .*no_such_tasks/);
  });
});

it("gives the same answers each time, with a clock and ids of the test's own", async () => {
  const answers = async () => {
    const now = new Date("2026-11-21T12:00:00Z");
    const upstream = createUpstream({ clock: () => now, ids: countingIds() });
    const creation = {
      type: "chat.agent",
      externalId: "chat-1",
      taskIdentifier: "t",
      triggerConfig: { basePayload: {} },
    };
    const requests = [
      post("/api/v1/sessions", creation),
      post("/realtime/v1/sessions/chat-1/in/append", { kind: "stop" }),
      post("/api/v1/tasks/t/trigger", {}),
      post("/api/v1/waitpoints/tokens", { timeout: "1h" }),
      new Request(`${ORIGIN}/api/v1/runs`, { headers }),
    ];
    const texts = [];
    for (const request of requests) {
      const response = await upstream.fetch(request);
      texts.push([...response.headers], await response.text());
    }
    texts.push(await mintPublicToken(upstream.environment, { scopes: ["read:runs"], now }));
    return texts;
  };
  assert.deepEqual(await answers(), await answers());
});

it("leaves runs to a runner of the test's own, and tells of what is stored", async () => {
  const heard: string[] = [];
  const hosts: RunHost[] = [];
  const upstream = createUpstream({
    ids: countingIds(),
    runner: {
      start: (run, host) => {
        heard.push(`start ${run.taskIdentifier}`);
        hosts.push(host);
        return new Promise(() => {});
      },
    },
    onCreate: ({ externalId }, isCached) => void heard.push(`create ${externalId} ${isCached}`),
    onAppend: ({ io, text }) => void heard.push(`append ${io} ${text}`),
  });
  const reached: RecordedRequest[] = [];
  const fetch = recordRequests(upstream.fetch, (request) => void reached.push(request));
  const creation = {
    type: "chat.agent",
    externalId: "chat-1",
    taskIdentifier: "t",
    triggerConfig: { basePayload: {} },
  };
  await fetch(post("/api/v1/sessions", creation));
  await fetch(post("/api/v1/sessions", creation));
  const [run] = upstream.runs.list();
  assert.equal(run?.status, "QUEUED");
  hosts[0]?.attempt(1);
  assert.equal(run?.status, "EXECUTING");
  hosts[0]?.end({ ok: false, error: { type: "STRING_ERROR", raw: "lost" } });
  assert.equal(run?.status, "FAILED");
  await fetch(post("/realtime/v1/sessions/chat-1/in/append", { kind: "stop" }));
  assert.deepEqual(heard, [
    "start t",
    "create chat-1 false",
    "create chat-1 true",
    "start t",
    'append in {"kind":"stop"}',
  ]);
  assert.deepEqual(
    reached.map(({ path, token }) => `${path} ${token}`).at(-1),
    "/realtime/v1/sessions/chat-1/in/append secret",
  );
  const continued = JSON.parse(upstream.runs.list()[1]?.payload.data ?? "{}") as {
    continuation?: boolean;
    previousRunId?: string;
  };
  assert.deepEqual([continued.continuation, continued.previousRunId], [true, run?.id]);
});

it("answers 404 for what it does not have", async () => {
  const { fetch } = createUpstream();
  for (
    const path of [
      "/api/v1/schedules",
      "/api/v1/queues",
      "/api/v1/runs/run_1/reschedule",
      "/api/v1/tasks/batch",
      "/api/v1/sessions/s/transcript",
      "/",
    ]
  ) {
    assert.equal((await fetch(new Request(ORIGIN + path, { headers }))).status, 404, path);
  }
});
