/**
 * What each reader of a session sees of a stamp, through a local Trigger.dev and an agent that answers: every signal where
 * stamps are signed, none where they are encrypted.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { AGENT_ID } from "../../dev/agent.ts";
import { makeSealKeys } from "../../dev/page/seal_keys.ts";
import { type Local, startLocal } from "../../dev/serve.ts";
import { mintPublicToken } from "../../dev/tokens.ts";
import { createProxy } from "../../mod.ts";
import { encrypted, signed } from "../../src/seal.ts";

const SIGNALS = { botScore: 87.25, ja4: "t13d1516h2_8daaf6152771_b186095e22b6", asn: 4200000001, country: "Portugal" };

/** One place where a session's records, or its runs', can be read. */
interface Place {
  readonly name: string;
  /** Whether signed stamps are to be found there: else it would be no wonder that encrypted ones are not. */
  readonly shows: boolean;
  readonly path: (world: World) => string;
}

const PLACES: readonly Place[] = [
  { name: "the records of in", shows: true, path: ({ chatId }) => `/realtime/v1/sessions/${chatId}/in/records` },
  { name: "in, as a stream", shows: true, path: ({ chatId }) => `/realtime/v1/sessions/${chatId}/in` },
  { name: "the records of out", shows: false, path: ({ chatId }) => `/realtime/v1/sessions/${chatId}/out/records` },
  { name: "the session, retrieved", shows: true, path: ({ chatId }) => `/api/v1/sessions/${chatId}` },
  { name: "the run, retrieved", shows: true, path: ({ runId }) => `/api/v3/runs/${runId}` },
  { name: "the run, as a live query", shows: true, path: ({ runId }) => `/realtime/v1/runs/${runId}?offset=-1` },
];

interface World {
  readonly local: Local;
  readonly chatId: string;
  readonly runId: string;
  readonly createAnswer: string;
  /** Reads a place with a token that a browser has, until it ends or says no more. */
  read(path: string, through: boolean): Promise<string>;
}

const locals: Local[] = [];

/** A chat that the agent has answered in. */
async function openWorld(kind: "signed" | "encrypted"): Promise<World> {
  const keys = await makeSealKeys(kind);
  const tasks = new URL("../../dev/page/sealed_agent.ts", import.meta.url);
  const local = await startLocal({ tasks, bundle: true, env: keys.agent });
  locals.push(local);
  const seal = kind === "signed" ? signed({ key: keys.proxy }) : encrypted({ key: keys.proxy });
  const proxy = createProxy({ upstream: local.url, namespace: "__cf", trust: () => SIGNALS, seal });
  const post = async (path: string, token: string, body: unknown): Promise<string> => {
    const init = { method: "POST", headers: { authorization: `Bearer ${token}` }, body: JSON.stringify(body) };
    const response = await proxy.fetch(new Request(`http://proxy.test${path}`, init));
    assert.ok(response.ok, `${path}: ${response.status}`);
    return await response.text();
  };
  const chatId = `chat-${kind}`;
  const metadata = { userId: "ada" };
  const createAnswer = await post("/api/v1/sessions", local.environment.secretKey, {
    type: "chat.agent",
    externalId: chatId,
    taskIdentifier: AGENT_ID,
    triggerConfig: { basePayload: { chatId, trigger: "preload", metadata } },
  });
  const { runId, publicAccessToken } = JSON.parse(createAnswer) as { runId: string; publicAccessToken: string };
  const message = { id: "u-1", role: "user", parts: [{ type: "text", text: "hello" }] };
  await post(`/realtime/v1/sessions/${chatId}/in/append`, publicAccessToken, {
    kind: "message",
    payload: { chatId, trigger: "submit-message", message, metadata },
  });
  const turn = await local.runner.seen("turn", (one) => one.chatId === chatId);
  assert.deepEqual((turn.clientData as { __cf: unknown }).__cf, SIGNALS);
  await local.runner.seen("turn-complete", (one) => one.chatId === chatId);
  const scopes = [`read:sessions:${chatId}`, `read:runs:${runId}`];
  const token = await mintPublicToken(local.environment, { scopes, now: new Date() });
  const read: World["read"] = async (path, through) => {
    const left = new AbortController();
    const init = { headers: { authorization: `Bearer ${token}` }, signal: left.signal };
    const response = through
      ? await proxy.fetch(new Request(`http://proxy.test${path}`, init))
      : await fetch(local.url + path, init);
    assert.ok(response.ok, `${path}: ${response.status}`);
    let text = "";
    for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      // A stream stays open for what is still to come; the message is the last of what there is.
      if (response.headers.get("content-type") === "text/event-stream" && text.includes("hello")) break;
    }
    left.abort();
    return text;
  };
  return { local, chatId, runId, createAnswer, read };
}

/** The signals that a text holds, by name or by value, however often it was escaped. */
function signalsIn(text: string): string[] {
  return Object.entries(SIGNALS).flatMap(([name, value]) => {
    const isNamed = new RegExp(`"${name}\\\\*"`).test(text);
    return isNamed || text.includes(String(value)) ? [name] : [];
  });
}

const KINDS = ["signed", "encrypted"] as const;
const worlds: World[] = [];
before(async () => void worlds.push(...await Promise.all(KINDS.map(openWorld))));
after(() => Promise.all(locals.map((local) => local.close())));

for (const [index, kind] of KINDS.entries()) {
  describe(`a stamp that is ${kind}`, () => {
    let world: World;
    before(() => {
      world = worlds[index]!;
    });
    const expected = (shows: boolean): string[] => kind === "signed" && shows ? Object.keys(SIGNALS) : [];

    test("in the answer to the creation", () => {
      assert.match(world.createAnswer, /"__cf"/);
      assert.deepEqual(signalsIn(world.createAnswer), expected(true));
    });

    for (const { name, shows, path } of PLACES) {
      for (const through of [true, false]) {
        test(`in ${name}, ${through ? "through the proxy" : "at Trigger.dev itself"}`, async () => {
          const text = await world.read(path(world), through);
          assert.ok(text.length > 50, text);
          assert.deepEqual(signalsIn(text), expected(shows));
        });
      }
    }

    test("in what the agent keeps of the chat", async () => {
      const { presignedUrl } = JSON.parse(
        await world.read(`/api/v1/sessions/${world.chatId}/snapshot-url`, false),
      ) as { presignedUrl: string };
      const text = await (await fetch(presignedUrl)).text();
      assert.match(text, /You said: hello/);
      assert.deepEqual(signalsIn(text), []);
    });
  });
}
