/** Which of a page's calls each setting of the guard lets through, and what the tripwire stops: as `docs/clients.md` says. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import { serve } from "srvx/node";
import { mintPublicToken } from "../../dev/tokens.ts";
import { createUpstream, type Upstream } from "../../dev/upstream.ts";
import { createProxy, type GuardSetting, type Proxy } from "../../mod.ts";

const PROXY = "http://proxy.local";

/** A page's calls: how the documents call them, what they send, and whether the guard's settings let them through. */
const PAGE_CALLS: readonly (readonly [
  documented: string,
  method: string,
  path: string,
  passes: "always" | "standard" | "off",
  body?: object,
])[] = [
  ["TriggerChatTransport, useChat", "POST", "/realtime/v1/sessions/chat-1/in/append", "always", { kind: "stop" }],
  ["TriggerChatTransport, useChat", "GET", "/realtime/v1/sessions/chat-1/out", "always"],
  ["useSessionStream", "GET", "/realtime/v1/sessions/chat-1/in", "always"],
  ["useSessionStreamChannel", "GET", "/realtime/v1/sessions/chat-1/channels/notes/out", "always"],
  ["sessions.open().channel().in.send", "POST", "/realtime/v1/sessions/chat-1/channels/notes/in/append", "standard", {
    note: 1,
  }],
  ["sessions.retrieve", "GET", "/api/v1/sessions/chat-1", "standard"],
  ["useRealtimeRun, runs.subscribeToRun", "GET", "/realtime/v1/runs/RUN?offset=-1", "standard"],
  [
    "useRealtimeRunsWithTag, runs.subscribeToRunsWithTag",
    "GET",
    "/realtime/v1/runs?tags=user-1&offset=-1",
    "standard",
  ],
  ["useRealtimeBatch, runs.subscribeToBatch", "GET", "/realtime/v1/batches/BATCH?offset=-1", "standard"],
  ["useRealtimeStream, streams.read", "GET", "/realtime/v1/streams/RUN/words", "standard"],
  ["useInputStreamSend, streams.input().send", "POST", "/realtime/v1/streams/RUN/input/approval", "standard", {
    data: { approved: true },
  }],
  ["useTaskTrigger, useRealtimeTaskTrigger", "POST", "/api/v1/tasks/a-task/trigger", "standard", {
    payload: { foo: "bar" },
  }],
  ["tasks.batchTrigger", "POST", "/api/v3/batches", "standard", { runCount: 1, taskIdentifiers: ["a-task"] }],
  ["useWaitToken, wait.completeToken", "POST", "/api/v1/waitpoints/tokens/TOKEN/complete", "standard", {
    data: { approved: true },
  }],
  ["useRun, runs.retrieve", "GET", "/api/v3/runs/RUN", "standard"],
  ["runs.list", "GET", "/api/v1/runs", "standard"],
  ["sessions.open().in.writer", "PUT", "/realtime/v1/sessions/chat-1/in", "off"],
  ["a chat's snapshot", "PUT", "/api/v1/sessions/chat-1/snapshot-url", "off"],
  ["end-and-continue", "POST", "/api/v1/sessions/chat-1/end-and-continue", "off", {
    callingRunId: "RUN",
    reason: "upgrade",
  }],
];

let upstream: Upstream;
let ids: Readonly<Record<string, string>>;
let token: string;
let url: string;
let close: () => Promise<void>;

before(async () => {
  upstream = createUpstream({ livePollSeconds: 1 });
  const { environment, runs, waitpoints } = upstream;
  const server = serve({
    fetch: upstream.fetch,
    port: 0,
    hostname: "127.0.0.1",
    silent: true,
    gracefulShutdown: false,
  });
  await server.ready();
  url = (server.url ?? "").replace(/\/$/, "");
  close = () => server.close(true);
  const post = (path: string, body: object) => fetch(request(url + path, "POST", environment.secretKey, body));
  await post("/api/v1/sessions", {
    type: "chat.agent",
    externalId: "chat-1",
    taskIdentifier: "a-task",
    triggerConfig: { basePayload: {} },
  });
  const batch = (await (await post("/api/v3/batches", { runCount: 1 })).json()) as { id: string };
  const { id: RUN } = runs.trigger({
    taskIdentifier: "a-task",
    payload: { data: "{}", dataType: "application/json" },
    tags: ["user-1"],
  });
  ids = { RUN, BATCH: batch.id, TOKEN: waitpoints.create({ type: "MANUAL" }).waitpoint.id };
  token = await mintPublicToken(environment, { scopes: ["*:all"], now: new Date() });
});
after(() => close());

function request(url: string, method: string, authorization: string, body?: object): Request {
  const text = body === undefined ? null : JSON.stringify(body);
  // HTTP clients say how long a body is, and Trigger.dev insists on it.
  const length = text === null ? {} : { "content-length": String(text.length) };
  return new Request(url, {
    method,
    headers: { authorization: `Bearer ${authorization}`, "timeout-seconds": "1", ...length },
    body: text,
  });
}

const proxyWith = (guard: GuardSetting): Proxy =>
  createProxy({ upstream: url, namespace: "__cf", guard, trust: () => ({ botScore: 1 }) });
const fill = (text: string) => text.replace(/RUN|BATCH|TOKEN/g, (name) => ids[name] ?? name);

/** The proxy's own word for a refusal; `"passed"` where there is none. */
async function verdict(
  guard: GuardSetting,
  method: string,
  path: string,
  body?: object,
  caller = token,
): Promise<string> {
  const sent = body === undefined ? undefined : (JSON.parse(fill(JSON.stringify(body))) as object);
  const response = await proxyWith(guard).fetch(request(PROXY + fill(path), method, caller, sent));
  if (response.ok) {
    await response.body?.cancel();
    return "passed";
  }
  const { code, error } = (await response.json()) as { code?: string; error?: string };
  return code ?? `${response.status} ${error}`;
}

describe("a page's calls", () => {
  for (const [documented, method, path, passes, body] of PAGE_CALLS) {
    it(`${documented}: ${method} ${path}`, async () => {
      const off = await verdict("off", method, path, body);
      const standard = await verdict("standard", method, path, body);
      const chat = await verdict("chat", method, path, body);
      assert.equal(off, "passed");
      assert.equal(standard === "passed", passes !== "off", standard);
      assert.equal(chat === "passed", passes === "always", chat);
      if (chat !== "passed") assert.match(chat, /^edge_.*_refused$/);
      // A server is held to none of this.
      if (passes === "off") {
        assert.equal(await verdict("chat", method, path, body, upstream.environment.secretKey), "passed");
      }
    });
  }
});

describe("a page that says what only the proxy may say", () => {
  const forged = { __cf: { botScore: 99 } };
  for (
    const [what, path, body] of [
      ["in a payload", "/api/v1/tasks/a-task/trigger", { payload: { metadata: forged } }],
      ["in a payload as the SDK writes it", "/api/v1/tasks/a-task/trigger", {
        payload: JSON.stringify({ json: { metadata: forged } }),
        options: { payloadType: "application/super+json" },
      }],
      ["in what is sent into a run", "/realtime/v1/streams/RUN/input/chat-messages", { data: { metadata: forged } }],
      ["in what completes a token", "/api/v1/waitpoints/tokens/TOKEN/complete", { data: { metadata: forged } }],
      ["on a side channel", "/realtime/v1/sessions/chat-1/channels/notes/in/append", {
        kind: "message",
        payload: { metadata: forged },
      }],
    ] as const
  ) {
    it(`is refused: ${what}`, async () => {
      assert.equal(await verdict("standard", "POST", path, body), "edge_namespace_elsewhere");
      assert.equal(await verdict("standard", "POST", path, body, upstream.environment.secretKey), "passed");
    });
  }

  it("is refused a payload that lies elsewhere", async () => {
    const body = { payload: "packets/1.json", options: { payloadType: "application/store" } };
    assert.equal(await verdict("standard", "POST", "/api/v1/tasks/a-task/trigger", body), "edge_payload_elsewhere");
    assert.equal(await verdict("off", "POST", "/api/v1/tasks/a-task/trigger", body), "passed");
  });
});

it("docs/clients.md names every call, and says the same of it", async () => {
  const text = await readFile(new URL("../../docs/clients.md", import.meta.url), "utf8");
  for (const [documented, method, path, passes] of PAGE_CALLS) {
    const line = text.split("\n").find((line) =>
      line.includes(
        `\`${method} ${
          path.replace(/\?.*/, "").replace(/RUN|BATCH|TOKEN|chat-1|notes|words|approval|a-task/g, "{id}")
        }\``,
      )
    );
    assert.ok(line !== undefined, `${method} ${path} (${documented}) is not in docs/clients.md`);
    for (const name of documented.split(", ")) {
      assert.ok(line.includes(name), `${name} is not in the line of ${method} ${path}`);
    }
    const [standard, chat] = line.split("|").slice(-3, -1).map((cell) => cell.trim() === "yes");
    assert.deepEqual([standard, chat], [passes !== "off", passes === "always"], `${method} ${path}`);
  }
});
