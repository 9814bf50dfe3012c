/** Sessions outlive runs, keys and deployments: what becomes of their chats. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { UIMessage } from "ai";
import { makeAgent, startRun } from "./agent.ts";
import { createEdge, modes, type Payload, secretKey, SIGNALS, signingPair, submit, userMessage } from "./edge.ts";
import { encrypted, signed } from "../../src/seal.ts";

const DAY = 24 * 3600_000;
const metadata = { userId: "ada" };
const PRELOAD: Payload = { chatId: "c1", trigger: "preload", metadata };
const CLIENT_DATA = { userId: "ada", __edge: SIGNALS };

for (const { name, seal, keys } of await modes()) {
  describe(`a session whose creation is ${name}`, () => {
    test("is continued ten times, over a year", async () => {
      const edge = await createEdge(seal);
      const agent = makeAgent(edge, { keys });
      const boot = await edge.create(PRELOAD);
      let snapshot: unknown;
      let seq = 0;
      for (let continuation = 0; continuation <= 10; continuation++) {
        const run = await startRun(agent, { boot, continuation: continuation > 0, snapshot, afterSeq: seq });
        assert.deepEqual(await run.send(await edge.append(submit("c1", `turn ${continuation}`))), {
          errors: [],
          text: `echo turn ${continuation}`,
        });
        snapshot = run.harness.getSnapshot();
        seq = run.seq();
        await run.close();
        edge.clock.ms += 36 * DAY;
      }
      assert.match(agent.model.prompts.at(-1)!, /turn 0.*turn 5.*turn 10/);
      for (const { hook, clientData } of agent.seen) assert.deepEqual(clientData, CLIENT_DATA, hook);
      await edge.close();
    });

    test("brings its first message along", async () => {
      const edge = await createEdge(seal);
      const agent = makeAgent(edge, { keys });
      const first = submit("c1", "first");
      const boot = await edge.create(first);
      const run = await startRun(agent, { boot });
      await run.complete(1);
      assert.deepEqual(agent.ran(), ["first"]);
      assert.equal((await run.send(boot)).errors.length, 1, "but not twice");
      assert.equal((await run.send({ ...boot, message: userMessage("forged") })).errors.length, 1, "and no other");
      await run.close();
      const next = await startRun(agent, {
        boot,
        continuation: true,
        snapshot: run.harness.getSnapshot(),
        afterSeq: run.seq(),
      });
      assert.equal((await next.send(boot)).errors.length, 1, "and not in a later run");
      assert.deepEqual(agent.ran(), ["first"]);
      await next.close();
      await edge.close();
    });

    test("was created around the proxy: nothing in it is answered, and no code of the agent's runs", async () => {
      const edge = await createEdge(seal);
      const agent = makeAgent(edge, { keys });
      const { metadata: stamped } = await edge.append(submit("c1", "x"));
      const others = await edge.create({ ...PRELOAD, chatId: "c2" });
      for (
        const forged of [PRELOAD, { ...PRELOAD, metadata: { ...metadata, __edge: SIGNALS } }, {
          ...PRELOAD,
          metadata: stamped!,
        }, { ...others, chatId: "c1" }]
      ) {
        const run = await startRun(agent, { boot: forged });
        const { errors } = await run.send(await edge.append(submit("c1", "hello")));
        assert.deepEqual(errors, ["This chat was not started through the app: start a new chat"]);
        await run.close();
      }
      assert.deepEqual(agent.seen.filter(({ hook }) => hook !== "tools"), []);
      assert.ok(agent.refused.every(({ refusal }) => refusal.reason === "creation"));
      await edge.close();
    });

    test("is continued, and an answered message comes again: it has no effect", async () => {
      const edge = await createEdge(seal);
      const agent = makeAgent(edge, { keys });
      const boot = await edge.create(PRELOAD);
      const message = await edge.append(submit("c1", "once"));
      const run = await startRun(agent, { boot });
      await run.send(message);
      const snapshot = run.harness.getSnapshot();
      await run.close();
      const later = await startRun(agent, { boot, continuation: true, snapshot, afterSeq: run.seq() });
      assert.deepEqual(await later.send(message), { errors: [], text: "" });
      assert.deepEqual(agent.ran(), ["once"]);
      await later.close();
      await edge.close();
    });

    test("begins with a head start, whose second half is unstamped: it is not answered", async () => {
      const edge = await createEdge(seal);
      const agent = makeAgent(edge, { keys });
      const boot = await edge.create({
        ...PRELOAD,
        trigger: "handover-prepare",
        headStartMessages: [userMessage("hi")],
      });
      const run = await startRun(agent, { boot });
      await run.harness.sendHandover({
        partialAssistantMessage: [{ role: "assistant", content: [{ type: "text", text: "forged" }] }],
        isFinal: true,
      });
      await run.complete(1);
      assert.equal(agent.refused.at(-1)?.refusal.reason, "head_start");
      assert.deepEqual(agent.model.prompts, []);
      // Once at the boot, for the history that was brought along; once in the turn, before its message is looked at.
      assert.deepEqual(agent.seen.map(({ hook }) => hook), ["tools", "onBoot", "tools"]);
      await run.close();
      await edge.close();
    });

    test("has a new shape of signals: its chat goes on", async () => {
      const edge = await createEdge(seal);
      const agent = makeAgent(edge, { keys });
      edge.tell({ country: "PT" });
      const boot = await edge.create(PRELOAD);
      edge.tell(SIGNALS);
      const run = await startRun(agent, { boot, continuation: true });
      assert.deepEqual((await run.send(await edge.append(submit("c1", "hello")))).errors, []);
      assert.deepEqual(agent.seen[0]?.clientData, { userId: "ada", __edge: { country: "PT" } });
      edge.tell({ country: "PT" });
      assert.equal((await run.send(await edge.append(submit("c1", "old shape")))).errors.length, 1);
      assert.equal(agent.refused.at(-1)?.refusal.reason, "shape");
      await run.close();
      await edge.close();
    });
  });
}

describe("a key is changed", () => {
  test("while messages are under way, and long after", async () => {
    const [old, next] = [await signingPair("2026"), await signingPair("2027")];
    const edge = await createEdge((now) => signed({ key: old.key, now }));
    const agent = makeAgent(edge, { keys: JSON.stringify({ keys: [next.publicKey, old.publicKey] }) });
    const boot = await edge.create(PRELOAD);
    const waiting = await edge.append(submit("c1", "by the old key"));
    edge.sealWith(signed({ key: { keys: [next.key, old.key] }, now: () => edge.clock.ms }));
    const run = await startRun(agent, { boot });
    assert.deepEqual((await run.send(waiting)).errors, []);
    assert.deepEqual((await run.send(await edge.append(submit("c1", "by the new key")))).errors, []);
    await run.close();
    edge.clock.ms += 365 * DAY;
    const later = await startRun(agent, { boot, continuation: true, afterSeq: run.seq() });
    assert.deepEqual((await later.send(await edge.append(submit("c1", "much later")))).errors, []);
    await later.close();
    await edge.close();
  });

  test("from signing to encryption, with both on the way", async () => {
    const pair = await signingPair("s1");
    const secret = secretKey("e1");
    const edge = await createEdge((now) => signed({ key: pair.key, now }));
    const agent = makeAgent(edge, { keys: [pair.publicKey, secret] });
    const run = await startRun(agent, { boot: await edge.create(PRELOAD) });
    const waiting = await edge.append(submit("c1", "signed"));
    edge.sealWith(encrypted({ key: secret, now: () => edge.clock.ms }));
    const sealed = await edge.append(submit("c1", "encrypted"));
    for (const payload of [waiting, sealed]) assert.deepEqual((await run.send(payload)).errors, []);
    await run.close();
    await edge.close();
  });
});

describe("sessions from before the seal", () => {
  const plain = { ...PRELOAD, metadata: CLIENT_DATA };
  const turn = (): Payload => ({ ...submit("c1", "plain"), metadata: CLIENT_DATA });

  test("go on until a day that is named, and so do their messages", async () => {
    const [mode] = await modes();
    const edge = await createEdge(mode!.seal);
    const at = (days: number): Date => new Date(edge.clock.ms + days * DAY);
    const agent = makeAgent(edge, { keys: mode!.keys, acceptUnsealed: { turnsUntil: at(1), sessionsUntil: at(30) } });
    const run = await startRun(agent, { boot: plain });
    assert.deepEqual((await run.send(turn())).errors, []);
    assert.deepEqual((await run.send(await edge.append(submit("c1", "sealed")))).errors, []);
    edge.clock.ms += 2 * DAY;
    assert.equal((await run.send(turn())).errors.length, 1);
    assert.equal(agent.refused.at(-1)?.refusal.reason, "unsealed");
    await run.close();
    const later = await startRun(agent, { boot: plain, continuation: true, afterSeq: run.seq() });
    assert.deepEqual((await later.send(await edge.append(submit("c1", "sealed again")))).errors, []);
    assert.equal((await later.send(turn())).errors.length, 1);
    await later.close();
    edge.clock.ms += 30 * DAY;
    const last = await startRun(agent, { boot: plain, continuation: true, afterSeq: later.seq() });
    assert.equal((await last.send(await edge.append(submit("c1", "too late")))).errors.length, 1);
    assert.deepEqual(agent.ran(), ["plain", "sealed", "sealed again"]);
    await last.close();
    await edge.close();
  });

  test("a broken proof is none of them", async () => {
    const [mode] = await modes();
    const edge = await createEdge(mode!.seal);
    const far = new Date(edge.clock.ms + DAY);
    const agent = makeAgent(edge, { keys: mode!.keys, acceptUnsealed: { turnsUntil: far, sessionsUntil: far } });
    const run = await startRun(agent, { boot: plain });
    for (const member of ["proof", "sealed"]) {
      const forged = { ...turn(), metadata: { ...metadata, __edge: { ...SIGNALS, [member]: "x" } } };
      assert.equal((await run.send(forged)).errors.length, 1);
      assert.equal(agent.refused.at(-1)?.refusal.reason, "invalid");
    }
    await run.close();
    await edge.close();
  });
});

describe("a run died in the middle of an answer", () => {
  const partial = { id: "a-1", role: "assistant", parts: [{ type: "text", text: "half" }] } as UIMessage;

  for (const own of [undefined, "splices", "throws"] as const) {
    test(`what it left is judged, each as a turn of its own${own === undefined ? "" : `, where onRecoveryBoot ${own}`}`, async () => {
      const [mode] = await modes();
      const edge = await createEdge(mode!.seal);
      const onRecoveryBoot = (
        event: { settledMessages: UIMessage[]; inFlightUsers: UIMessage[]; partialAssistant: UIMessage },
      ) => {
        if (own === "throws") throw new Error("no database");
        return {
          chain: [...event.settledMessages, event.inFlightUsers[0], event.partialAssistant],
          recoveredTurns: event.inFlightUsers.slice(1),
        };
      };
      const agent = makeAgent(edge, { keys: mode!.keys }, own === undefined ? {} : { onRecoveryBoot });
      const boot = await edge.create(PRELOAD);
      const forged = submit("c1", "forged");
      const tail = [forged, await edge.append(submit("c1", "honest")), await edge.append(submit("c1", "more"))];
      const run = await startRun(agent, { boot, continuation: true, tail, partial });
      await run.complete(3);
      assert.deepEqual(agent.ran(), ["honest", "more"]);
      assert.equal(agent.refused.length, 1);
      assert.ok(agent.model.prompts.every((prompt) => !prompt.includes("forged")));
      await run.close();
      await edge.close();
    });
  }
});
