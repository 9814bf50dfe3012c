/** Somebody's tests, with the package as it is installed: on Node, Bun and Deno. `../dev_package.test.ts` runs them. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { auth, runs, tasks } from "@trigger.dev/sdk";
import { countingIds, createUpstream, openJournal, startLocal, type Upstream } from "edgestamp/dev";
import type { double } from "./tasks.ts";

const ORIGIN = "http://upstream.local";
const folder = mkdtempSync(join(tmpdir(), "edgestamp-scratch-"));
after(() => rmSync(folder, { recursive: true }));

function post(path: string, body: object): Request {
  const text = JSON.stringify(body);
  const headers = { authorization: "Bearer tr_dev_local", "content-length": String(text.length) };
  return new Request(ORIGIN + path, { method: "POST", body: text, headers });
}

const CREATION = { type: "chat.agent", externalId: "c-1", taskIdentifier: "t", triggerConfig: { basePayload: {} } };
const MESSAGE = { kind: "message", payload: { message: { id: "m-1", role: "user", parts: [] }, chatId: "c-1" } };

for (const bundle of [false, true]) {
  test(`startLocal executes tasks${bundle ? ", bundled" : ""}`, { timeout: 180_000 }, async () => {
    const env = { TOLD: "by the test" };
    const local = await startLocal({ tasks: new URL("./tasks.ts", import.meta.url), bundle, env });
    after(() => local.close());
    await auth.withAuth({ baseURL: local.url, accessToken: local.environment.secretKey }, async () => {
      const { id } = await tasks.trigger<typeof double>("double", { n: 21 });
      const { output, metadata } = await runs.poll<typeof double>(id, { pollIntervalMs: 20 });
      assert.deepEqual(output, { doubled: 42, told: "by the test" });
      assert.deepEqual(metadata, { asked: 21 });
    });
  });
}

test("createUpstream answers the same each time, with a clock and ids of its own", async () => {
  const answers = async (): Promise<string[]> => {
    const upstream = createUpstream({ clock: () => new Date("2026-11-21T12:00:00Z"), ids: countingIds() });
    const append = post("/realtime/v1/sessions/c-1/in/append", MESSAGE);
    const responses = [await upstream.fetch(post("/api/v1/sessions", CREATION)), await upstream.fetch(append)];
    return Promise.all(responses.map((response) => response.text()));
  };
  const [creation, append] = await answers();
  assert.match(creation ?? "", /"id":"session_000000000000000000001".*"createdAt":"2026-11-21T12:00:00.000Z"/);
  assert.equal(append, '{"ok":true,"seq":0}');
  assert.deepEqual(await answers(), [creation, append]);
});

test("openJournal keeps everything over a restart", async () => {
  const path = join(folder, "trigger.jsonl");
  const read = async (upstream: Upstream): Promise<string> => {
    const records = new Request(`${ORIGIN}/realtime/v1/sessions/c-1/in/records`, {
      headers: { authorization: "Bearer tr_dev_local" },
    });
    return (await upstream.fetch(records)).text();
  };
  const first = openJournal(path);
  const before = createUpstream({ journal: first });
  await before.fetch(post("/api/v1/sessions", CREATION));
  await before.fetch(post("/realtime/v1/sessions/c-1/in/append", MESSAGE));
  const kept = await read(before);
  assert.match(kept, /m-1/);
  first.close();
  const second = openJournal(path);
  const again = createUpstream({ journal: second });
  assert.equal(await read(again), kept);
  second.close();
});
