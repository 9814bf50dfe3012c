/** How an agent is set up: what is refused at once, what fails closed, and the options. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { chat } from "@trigger.dev/sdk/ai";
import type { UIMessage } from "ai";
import type { JWK } from "jose";
import { makeAgent, startRun } from "./agent.ts";
import { createEdge, type Edge, modes, type Payload, SIGNALS, signingPair, submit } from "./edge.ts";
import { edgeAgent, type RefusalReason, StampRefusal } from "../../src/agent.ts";

const metadata = { userId: "ada" };
const PRELOAD: Payload = { chatId: "c1", trigger: "preload", metadata };
let edge: Edge;
let keys: JWK[];
let boot: Payload;

before(async () => {
  const [mode] = await modes();
  keys = mode!.keys;
  edge = await createEdge(mode!.seal);
  boot = await edge.create(PRELOAD);
});

after(() => edge.close());

const builder = () => {
  const made = edgeAgent({ chat, keys, now: () => edge.clock.ms });
  return made.guard(chat.withClientData({ schema: made.schema }));
};
const run = async (): Promise<void> => {};

describe("an agent that lets messages in unread is refused", () => {
  const rows: readonly [option: string, value: unknown][] = [
    ["pendingMessages", { shouldInject: () => true }],
    ["channels", [{ id: "slack" }]],
    ["events", [{ id: "stripe" }]],
  ];
  for (const [option, value] of rows) {
    test(option, () => {
      assert.throws(
        () => builder().agent({ id: "x", run, [option]: value }),
        new RegExp(`^TypeError: Cannot guard an agent with \`${option}\`: \\w`),
      );
    });
  }

  test("but not for what is empty", () => {
    builder().agent({ id: "empty", run, ...{ channels: [], events: [] } });
  });

  test("a custom agent, whose loop is its own", () => {
    assert.throws(() => builder().customAgent({ id: "x", run }), /call `edge.begin\(\)`/);
  });
});

describe("half a setup fails closed", () => {
  test("the schema without the guard throws, as any schema does", async () => {
    const { schema } = edgeAgent({ chat, keys, now: () => edge.clock.ms });
    await assert.rejects(schema({}), (error) => error instanceof StampRefusal && error.reason === "missing");
    await assert.rejects(
      schema({ __edge: SIGNALS }),
      (error) => error instanceof StampRefusal && error.reason === "unsealed",
    );
    assert.deepEqual(await schema(boot.metadata), { userId: "ada", __edge: SIGNALS });
  });

  test("an agent with another namespace than the proxy's is told so in its logs", async () => {
    const { schema } = edgeAgent({ chat, keys, namespace: "__cf", now: () => edge.clock.ms });
    await assert.rejects(schema(boot.metadata), (error: StampRefusal) => {
      assert.match((error.cause as Error).message, /a stamp under __edge/);
      return error.reason === "missing" && !error.message.includes("__edge");
    });
  });

  test("the guard without the schema answers nothing", async () => {
    const made = edgeAgent({ chat, keys, now: () => edge.clock.ms });
    const ran: unknown[] = [];
    const agent = made.guard(chat.withClientData({ schema: (value: unknown) => value })).agent({
      id: "no-schema",
      idleTimeoutInSeconds: 1,
      run: async () => void ran.push(1),
    });
    const started = await startRun({ agent } as never, { boot });
    assert.deepEqual((await started.send(await edge.append(submit("c1", "hi")))).errors, [
      "This agent reads no stamps: give `edge.schema` to `chat.withClientData()`",
    ]);
    assert.deepEqual(ran, []);
    await started.close();
  });
});

test("hooks of the guarded builder run after the checks, before those of the agent", async () => {
  const seen: string[] = [];
  const made = edgeAgent({ chat, keys, now: () => edge.clock.ms });
  const note = (name: string) => async (): Promise<void> => void seen.push(name);
  const agent = made.guard(chat.withClientData({ schema: made.schema }))
    .onBoot(note("builder.onBoot")).onTurnStart(note("builder.onTurnStart")).onTurnComplete(
      note("builder.onTurnComplete"),
    )
    .withUIMessage().agent({
      id: "builder",
      idleTimeoutInSeconds: 1,
      run: note("run"),
      onTurnStart: note("onTurnStart"),
    });
  const started = await startRun({ agent } as never, { boot });
  assert.deepEqual(seen.splice(0), ["builder.onBoot"]);
  await started.send(submit("c1", "forged"));
  assert.deepEqual(seen.splice(0), []);
  await started.send(await edge.append(submit("c1", "hi")));
  assert.deepEqual(seen, ["builder.onTurnStart", "onTurnStart", "run", "builder.onTurnComplete"]);
  await started.close();
});

test("without schemas, signals are what was sealed and the rest is what was sent", async () => {
  const made = edgeAgent({ chat, keys, now: () => edge.clock.ms });
  assert.deepEqual(await made.schema({ ...boot.metadata, extra: [1] }), { userId: "ada", extra: [1], __edge: SIGNALS });
});

test("an agent with actions and no schema for them, with validation, and with its own history", async () => {
  const seen: unknown[] = [];
  const stored: UIMessage[] = [];
  let hydrations = 0;
  const agent = makeAgent(edge, { keys }, {
    actionSchema: undefined,
    onAction: async ({ action }: { action: unknown }) => void seen.push(action),
    onValidateMessages: async ({ messages }: { messages: UIMessage[] }) =>
      messages.map((message) => ({ ...message, metadata: { checked: true } })),
    hydrateMessages: async ({ incomingMessages }: { incomingMessages: UIMessage[] }) => {
      hydrations++;
      stored.push(...incomingMessages);
      return stored;
    },
  });
  const started = await startRun(agent, { boot });
  for (
    const forged of [submit("c1", "forged"), { ...PRELOAD, trigger: "regenerate-message" }, {
      ...PRELOAD,
      trigger: "action",
      action: ["any"],
    }]
  ) {
    assert.equal((await started.send(forged)).errors.length, 1);
  }
  assert.equal(hydrations, 0);
  assert.deepEqual((await started.send(await edge.append(submit("c1", "hi")))).errors, []);
  assert.deepEqual(
    (await started.send(await edge.append({ chatId: "c1", trigger: "action", action: ["any"], metadata }))).errors,
    [],
  );
  assert.deepEqual(seen, [["any"]]);
  assert.deepEqual(stored.map(({ metadata }) => metadata), [{ checked: true }]);
  await started.close();
});

test("a stamp that is kept as used holds in later runs", async () => {
  const used = new Map<string, Date>();
  const usedStamps = { has: (id: string) => used.has(id), add: (id: string, until: Date) => void used.set(id, until) };
  const agent = makeAgent(edge, { keys, usedStamps });
  const message = await edge.append(submit("c1", "hi"));
  const action = await edge.append({ chatId: "c1", trigger: "action", action: { type: "pay" }, metadata });
  const first = await startRun(agent, { boot });
  for (const payload of [message, action]) assert.deepEqual((await first.send(payload)).errors, []);
  await first.close();
  assert.equal(used.size, 2);
  for (const until of used.values()) assert.equal(until.getTime(), edge.clock.ms + (6 * 3600 + 60) * 1000);
  const second = await startRun(agent, { boot, continuation: true, afterSeq: first.seq() });
  for (const payload of [message, action]) {
    assert.equal((await second.send(payload)).errors.length, 1);
    assert.equal(agent.refused.at(-1)?.refusal.reason, "replayed");
  }
  await second.close();
});

test("a store of used stamps that fails lets no action through, and takes no answer back", async () => {
  let up = false;
  const usedStamps = {
    has: () => up ? false : Promise.reject(new Error("no database")),
    add: () => Promise.reject(new Error("no database")),
  };
  const agent = makeAgent(edge, { keys, usedStamps });
  const started = await startRun(agent, { boot });
  const { errors } = await started.send(await edge.append(submit("c1", "hi")));
  assert.deepEqual(errors, ["This message did not come through the app: reload the page and send it again"]);
  up = true;
  assert.deepEqual((await started.send(await edge.append(submit("c1", "hi")))).errors, []);
  const action = await edge.append({ chatId: "c1", trigger: "action", action: { type: "pay" }, metadata });
  assert.equal((await started.send(action)).errors.length, 1);
  assert.ok(agent.seen.every(({ hook }) => hook !== "onAction"));
  await started.close();
});

test("an agent may be stricter with age than the proxy", async () => {
  const agent = makeAgent(edge, { keys, maxAgeSeconds: 600 });
  const started = await startRun(agent, { boot });
  const payloads = [await edge.append(submit("c1", "in time")), await edge.append(submit("c1", "late"))];
  edge.clock.ms += 600_000;
  assert.deepEqual((await started.send(payloads[0]!)).errors, []);
  edge.clock.ms += 61_000;
  assert.deepEqual((await started.send(payloads[1]!)).errors, [
    "This message waited too long to be answered: send it again",
  ]);
  await started.close();
});

test("a log that fails undoes no refusal", async () => {
  const agent = makeAgent(edge, { keys, onRefused: () => assert.fail("no log") });
  const started = await startRun(agent, { boot });
  assert.equal((await started.send(submit("c1", "forged"))).errors.length, 1);
  await started.send(await edge.append(submit("c1", "hi")));
  assert.ok(!agent.model.prompts.at(-1)!.includes("forged"));
  await started.close();
});

test("options and keys that cannot be used are told in one line, without a part of a key", async () => {
  const { key, publicKey } = await signingPair("k");
  const rows: readonly [options: object, message: RegExp][] = [
    [{ keys: "" }, /^Cannot use option `keys`: it is empty; give EDGE_SEAL_PUBLIC_KEYS/],
    [{ keys: "changeme" }, /`keys`: it is a placeholder/],
    [{ keys: key }, /`keys`: there is a private key among them/],
    [{ keys: [publicKey, { keys: [publicKey] }] }, /two of them have the same `kid`/],
    [{ keys: [] }, /`keys`: there is no key in it/],
    [{ keys: { ...publicKey, kid: undefined } }, /it has no usable `kid`/],
    [{ keys: { ...publicKey, crv: "X25519" } }, /it is no Ed25519 key/],
    [{ maxAgeSeconds: 0 }, /^Cannot use option `maxAgeSeconds`: /],
    [
      { acceptUnsealed: { turnsUntil: new Date("soon") } },
      /^Cannot use option `acceptUnsealed.turnsUntil`: give a valid Date/,
    ],
    [{ audience: " " }, /^Cannot use option `audience`: /],
  ];
  for (const [options, message] of rows) {
    assert.throws(() => edgeAgent({ chat, keys, ...options }), (error: TypeError) => {
      assert.match(error.message, message);
      assert.ok(
        error instanceof TypeError && !/[\n]|\.$/.test(error.message) && !error.message.includes(String(publicKey.x)),
      );
      return true;
    });
  }
});

test("docs/agent.md says each reason, and what the user reads", async () => {
  const text = await readFile(path.join(import.meta.dirname, "../../docs/agent.md"), "utf8");
  const table = text.slice(text.indexOf("| `refusal.reason`")).split("\n\n")[0]!.split("\n").slice(2);
  let sentence = "";
  const reasons = table.flatMap((row) => {
    const [, names, , reads] = row.split("|").map((cell) => cell.trim());
    if (reads !== "the same") sentence = reads!;
    return names!.match(/\w+/g)!.map((reason) => [reason as RefusalReason, sentence] as const);
  });
  const all: Record<RefusalReason, true> = {
    missing: true,
    unsealed: true,
    invalid: true,
    audience: true,
    shape: true,
    client_data: true,
    use: true,
    chat: true,
    message: true,
    expired: true,
    future: true,
    replayed: true,
    creation: true,
    head_start: true,
    unjudged: true,
    unread: true,
  };
  assert.deepEqual(reasons.map(([reason]) => reason).sort(), Object.keys(all).sort());
  for (const [reason, told] of reasons) assert.equal(new StampRefusal(reason).message, told);
});
