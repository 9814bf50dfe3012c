/** What the proxy tells `onEvent`: every decision, and nothing of what was sent. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { AdmitVerdict } from "../../src/admit.ts";
import type { ProxyEvent } from "../../mod.ts";
import { post, publicToken, through } from "./properties/through_proxy.ts";

const CHAT = "chat-of-a-person";
const TOKEN = publicToken(`write:sessions:${CHAT}`);
const HEADERS = { authorization: `Bearer ${TOKEN}` };
const APPEND = `/realtime/v1/sessions/${CHAT}/in/append`;
const MESSAGE = `{"kind":"message","payload":{"message":{"text":"a secret"},"metadata":{"__edge":"forged"}}}`;

type Options = Parameters<typeof through>[0];

/** The events of one request; what differs from run to run is left out. */
async function eventsOf(request: Request, options: Options = {}): Promise<unknown[]> {
  const events: ProxyEvent[] = [];
  await through({ ...options, onEvent: (event) => events.push(event) })(request);
  const told = JSON.stringify(events);
  for (const secret of [CHAT, TOKEN, "a secret", "forged", "botScore"]) assert.ok(!told.includes(secret), told);
  return events.map((event) => {
    const { upstreamMs: _, bodyBytes: __, cause: ___, ...rest } = event as ProxyEvent & Record<string, unknown>;
    return rest;
  });
}

const append = { method: "POST", route: "append", caller: "public" };

describe("onEvent", () => {
  test("a message is stamped, then forwarded", async () => {
    assert.deepEqual(await eventsOf(post(APPEND, MESSAGE, HEADERS)), [
      { ...append, type: "stamped" },
      { ...append, type: "forwarded", status: 200 },
    ]);
  });
  test("what is not stamped is forwarded", async () => {
    const events = await eventsOf(post("/api/v1/tasks/t/trigger", "{}", { authorization: "Bearer tr_dev_abc" }));
    assert.deepEqual(events, [{ method: "POST", route: "other", caller: "server", type: "forwarded", status: 200 }]);
  });
  test("a refusal tells its code", async () => {
    const events = await eventsOf(post(APPEND, MESSAGE.replace("{", `{"kind":"stop",`), HEADERS));
    assert.deepEqual(events, [{ ...append, type: "refused", code: "edge_key_repeated", status: 400 }]);
  });
  test("a path that is refused has no route", async () => {
    const events = await eventsOf(post(`/${APPEND}`, MESSAGE, HEADERS));
    assert.deepEqual(events, [{
      ...append,
      route: "other",
      type: "refused",
      code: "edge_path_ambiguous",
      status: 400,
    }]);
  });
  test("a failure is told from a refusal", async () => {
    const seal = { seal: () => Promise.reject(new Error("no key")) };
    assert.deepEqual(await eventsOf(post(APPEND, MESSAGE, HEADERS), { seal }), [
      { ...append, type: "failed", code: "edge_internal", status: 500 },
    ]);
  });
  test("an admission that is no plain yes is a refusal", async () => {
    const verdicts = [false, {}, { admit: false }, { admit: false, reason: "blocked" }, { admit: "no" }];
    for (const verdict of verdicts as AdmitVerdict[]) {
      assert.deepEqual(await eventsOf(post(APPEND, MESSAGE, HEADERS), { admit: () => verdict }), [
        { ...append, type: "refused", code: "edge_admit_forbidden", status: 403 },
      ]);
    }
  });
  test("a refusal that cannot be put into words is a failure", async () => {
    const verdicts = [
      { admit: false, reason: "challenge", challenge: 1n },
      { admit: false, reason: "rate_limited", retryAfterSeconds: "1\n2" },
    ] as unknown as AdmitVerdict[];
    for (const verdict of verdicts) {
      assert.deepEqual(await eventsOf(post(APPEND, MESSAGE, HEADERS), { admit: () => verdict }), [
        { ...append, type: "failed", code: "edge_internal", status: 500 },
      ]);
    }
  });
  test("whoever only watches is told how long the upstream took", async () => {
    const told: ProxyEvent[] = [];
    const one = { begin() {}, end() {}, answered() {}, told: (event: ProxyEvent) => void told.push(event) };
    await through({ watch: { watch: () => one } })(post(APPEND, MESSAGE, HEADERS));
    const forwarded = told.find((event) => event.type === "forwarded");
    assert.ok(forwarded !== undefined && forwarded.upstreamMs < 60_000);
  });
  test("an observer that throws changes nothing", async () => {
    const send = through({
      onEvent: () => {
        throw new Error("the log is full");
      },
    });
    assert.equal((await send(post(APPEND, MESSAGE, HEADERS))).status, 200);
  });
});
