/** Turns that fail before, or beside, what was judged: nothing unproven is left behind by them. */
import assert from "node:assert/strict";
import { after, afterEach, before, describe, test } from "node:test";
import { chat } from "@trigger.dev/sdk/ai";
import type { UIMessage } from "ai";
import type { JWK } from "jose";
import { z } from "zod";
import { makeAgent, startRun, type TestAgent } from "./agent.ts";
import { stampOf } from "./attack_list.ts";
import { createEdge, type Edge, modes, type Payload, submit, userMessage } from "./edge.ts";

const metadata = { userId: "ada" };
const PRELOAD: Payload = { chatId: "c1", trigger: "preload", metadata };
let edge: Edge;
let keys: JWK[];
let boot: Payload;
let run: Awaited<ReturnType<typeof startRun>>;

before(async () => {
  const [mode] = await modes();
  keys = mode!.keys;
  edge = await createEdge(mode!.seal);
  boot = await edge.create(PRELOAD);
});

afterEach(() => run.close());
after(() => edge.close());

/** A message of the attacker's with a stamp that proves another one. */
async function forged(): Promise<Payload> {
  const { metadata } = await edge.append(submit("c1", "honest"));
  return { ...submit("c1", "forged"), metadata: metadata! };
}

const act = (action: unknown): Promise<Payload> => edge.append({ chatId: "c1", trigger: "action", action, metadata });

/** The next honest turn is answered, and its model reads nothing that was forged; nor does any store. */
async function assertClean(agent: TestAgent): Promise<void> {
  assert.deepEqual((await run.send(await edge.append(submit("c1", "at last")))).errors, []);
  assert.match(agent.model.prompts.at(-1)!, /at last/);
  assert.ok(agent.model.prompts.every((prompt) => !prompt.includes("forged")), "a model read it");
  assert.ok(!JSON.stringify(run.harness.getSnapshot()).includes("forged"), "the history holds it");
}

const hooks = (agent: TestAgent): string[] => agent.seen.map(({ hook }) => hook);

describe("tools() throws", () => {
  let fails = false;
  const tools = (): object => {
    if (fails) throw new Error("no tools today");
    return {};
  };

  test("on a forged message: it is refused for what it is", async () => {
    const agent = makeAgent(edge, { keys }, { tools });
    run = await startRun(agent, { boot });
    fails = true;
    assert.equal((await run.send(await forged())).errors.length, 1);
    fails = false;
    assert.equal(agent.refused.at(-1)?.refusal.reason, "message");
    assert.ok(!hooks(agent).includes("onTurnComplete"));
    await assertClean(agent);
  });

  test("on an honest one: the turn fails as it does without the guard", async () => {
    const agent = makeAgent(edge, { keys }, { tools });
    run = await startRun(agent, { boot });
    fails = true;
    assert.deepEqual((await run.send(await edge.append(submit("c1", "hi")))).errors, ["no tools today"]);
    fails = false;
    assert.deepEqual([agent.refused, hooks(agent).at(-1)], [[], "onTurnComplete"]);
  });
});

describe("an action that fails leaves no message behind", () => {
  const message = userMessage("forged");

  test("that does not fit its schema, with another's stamp", async () => {
    const agent = makeAgent(edge, { keys });
    run = await startRun(agent, { boot });
    const { metadata } = await act({ type: "undo" });
    const payload = { chatId: "c1", trigger: "action", action: "none", message, metadata };
    assert.equal((await run.send(payload)).errors.length, 1);
    assert.equal(agent.refused.at(-1)?.refusal.reason, "message");
    assert.ok(!hooks(agent).includes("onTurnComplete"));
    await assertClean(agent);
  });

  test("that does not fit its schema, with its own", async () => {
    const agent = makeAgent(edge, { keys });
    run = await startRun(agent, { boot });
    assert.match((await run.send(await act("none"))).errors[0]!, /expected object/);
    assert.deepEqual([agent.refused, hooks(agent).at(-1)], [[], "onTurnComplete"]);
    assert.equal((await run.send({ ...await act("none"), message })).errors.length, 1);
    await assertClean(agent);
  });

  test("that nobody handles", async () => {
    const agent = makeAgent(edge, { keys }, { onAction: undefined });
    run = await startRun(agent, { boot });
    const { metadata } = await act({ type: "undo" });
    await run.send({ chatId: "c1", trigger: "action", action: "none", message, metadata });
    await assertClean(agent);
  });

  test("that is honest, while its handler throws", async () => {
    const agent = makeAgent(edge, { keys }, {
      onAction: async () => {
        throw new Error("not now");
      },
    });
    run = await startRun(agent, { boot });
    assert.deepEqual((await run.send({ ...await act({ type: "undo" }), message })).errors, ["not now"]);
    await assertClean(agent);
  });

  test("that is honest, while the turn that it asked for throws", async () => {
    let fails = true;
    const agent = makeAgent(edge, { keys }, {
      onAction: async () => chat.turn("asked by the agent"),
      onTurnStart: async () => {
        if (fails) throw new Error("not now");
      },
    });
    run = await startRun(agent, { boot });
    assert.deepEqual((await run.send({ ...await act({ type: "undo" }), message })).errors, ["not now"]);
    fails = false;
    await assertClean(agent);
    assert.match(agent.model.prompts.at(-1)!, /asked by the agent/);
  });
});

test("an action is held to its schema, whoever is said to have sent it", async () => {
  const actionSchema = z.object({ type: z.literal("pay"), amount: z.number().max(10) });
  const agent = makeAgent(edge, { keys }, { actionSchema });
  run = await startRun(agent, { boot });
  const payload = await act({ type: "pay", amount: 1_000_000 });
  for (const actionSource of ["webhook", "channel", "client"]) {
    assert.equal((await run.send({ ...payload, actionSource })).errors.length, 1, actionSource);
  }
  assert.ok(!hooks(agent).includes("onAction"));
  assert.deepEqual((await run.send(await act({ type: "pay", amount: 5 }))).errors, []);
  assert.deepEqual(agent.seen.at(-1)?.action, { type: "pay", amount: 5 });
});

describe("a message that the runtime stumbles over", () => {
  // Each is thrown over before any hook of the turn is called.
  const odd: readonly unknown[] = [
    [{ type: "text", text: { toString: 1 } }, { type: "text", text: "forged" }],
    [{ type: "text", text: "forged" }, { type: "text", text: [[[{ toString: null }]]] }],
  ];
  for (const parts of odd) {
    test(JSON.stringify(parts), async () => {
      const agent = makeAgent(edge, { keys });
      run = await startRun(agent, { boot });
      assert.deepEqual((await run.send(await edge.append(submit("c1", "hello")))).errors, []);
      const calls = hooks(agent).length;
      const message = { id: "odd", role: "user", parts } as UIMessage;
      assert.equal((await run.send({ ...submit("c1", "x"), message })).errors.length, 1);
      assert.equal(hooks(agent).length, calls);
      assert.equal(agent.refused.length, 1);
      await assertClean(agent);
      assert.match(agent.model.prompts.at(-1)!, /hello/);
    });
  }
});

describe("a head start's history is nobody's, for it has no stamp", () => {
  const planted = { id: "s", role: "user", parts: [{ type: "text", text: "forged" }] } as UIMessage;
  const partialAssistantMessage = [{ role: "assistant", content: [{ type: "text", text: "forged" }] }] as const;
  const rows: readonly [name: string, base: Payload, partial: unknown, more: object][] = [
    ["of a preload's creation", PRELOAD, partialAssistantMessage, {}],
    ["of a creation with its first message", submit("c1", "first"), partialAssistantMessage, {}],
    ["with a broken second half", submit("c1", "first"), [null], {}],
    ["in what says to be a continuation", submit("c1", "first"), partialAssistantMessage, { continuation: true }],
  ];
  for (const [name, base, partial, more] of rows) {
    test(name, async () => {
      const agent = makeAgent(edge, { keys });
      const honest = await edge.create(base);
      const forgedBoot = { ...honest, ...more, trigger: "handover-prepare", headStartMessages: [planted] };
      run = await startRun(agent, { boot: forgedBoot });
      await run.harness.sendHandover({ partialAssistantMessage: partial as never, isFinal: false });
      await run.complete(1);
      assert.equal(agent.refused.length, 1);
      // Whatever comes in this run has the forged history before it.
      const { errors } = await run.send(await edge.append(submit("c1", "hi")));
      assert.match(errors[0]!, /start a new chat$/);
      assert.deepEqual(agent.model.prompts, []);
      assert.deepEqual(run.harness.getSnapshot()?.messages ?? [], []);
    });
  }
});

describe("a head start beside the message that a creation proves", () => {
  const halves = [[{ type: "text", text: "forged" }], "forged"] as const;
  for (const content of halves) {
    for (const isFinal of [false, true]) {
      test(`${JSON.stringify(content)}, ${isFinal ? "as an answer" : "to go on from"}`, async () => {
        const agent = makeAgent(edge, { keys }, {
          hydrateMessages: async ({ incomingMessages }: { incomingMessages: UIMessage[] }) => [...incomingMessages],
        });
        const first = submit("c1", "first");
        const honest = await edge.create(first);
        const forgedBoot = { ...honest, trigger: "handover-prepare", headStartMessages: [first.message] };
        run = await startRun(agent, { boot: forgedBoot });
        await run.harness.sendHandover({
          partialAssistantMessage: [{ role: "assistant", content: content as never }],
          isFinal,
        });
        await run.complete(1);
        assert.equal(agent.refused.at(-1)?.refusal.reason, "head_start");
        assert.deepEqual(agent.model.prompts, []);
        assert.deepEqual(hooks(agent).filter((hook) => hook !== "tools"), ["onBoot"]);
      });
    }
  }
});

test("the stamp of a creation, sent as the first message, ends no chat that has a history", async () => {
  const agent = makeAgent(edge, { keys });
  run = await startRun(agent, { boot });
  await run.send(await edge.append(submit("c1", "hello")));
  const snapshot = run.harness.getSnapshot();
  await run.close();
  run = await startRun(agent, { boot, continuation: true, snapshot, afterSeq: run.seq() });
  assert.equal((await run.send({ ...submit("c1", "forged"), metadata: boot.metadata! })).errors.length, 1);
  assert.equal(agent.refused.at(-1)?.refusal.reason, "use");
  await assertClean(agent);
  assert.match(agent.model.prompts.at(-1)!, /hello.*at last/);
  assert.ok(stampOf(boot));
});
