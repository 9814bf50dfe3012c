/** Everything that did not come through the proxy, or not for this: none of it reaches an agent's own code. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { encrypted, type Sealer, signed } from "../../src/seal.ts";
import { makeAgent, startRun, type TestAgent } from "./agent.ts";
import { ATTACKS, forged, restamped, stampOf, type World } from "./attack_list.ts";
import { createEdge, modes, type Payload, secretKey, SIGNALS, signingPair, submit, userMessage } from "./edge.ts";
import { decodeProof } from "./forge.ts";
import { ENCRYPTED_ATTACKS, SIGNED_ATTACKS } from "./token_attacks.ts";

const metadata = { userId: "ada" };

for (const mode of ["signed", "encrypted"] as const) {
  describe(`a message that is ${mode}`, () => {
    let world: World;
    let agent: TestAgent;
    let run: Awaited<ReturnType<typeof startRun>>;

    before(async () => {
      const pair = await signingPair("s1");
      const secret = mode === "signed" ? pair.key : secretKey("e1");
      const sealer = (now: () => number): Sealer =>
        mode === "signed" ? signed({ key: secret, now }) : encrypted({ key: secret, now });
      const edge = await createEdge(sealer);
      const keys = [mode === "signed" ? pair.publicKey : secret];
      const stamped = (chatId = "c1"): Promise<Payload> => edge.append(submit(chatId, "stamped"));
      const boot = await edge.create({ chatId: "c1", trigger: "preload", metadata });
      world = {
        edge,
        boot,
        keys,
        secret,
        stamped,
        async sealedBy(seal) {
          edge.sealWith(seal);
          const payload = await stamped();
          edge.sealWith(sealer(() => edge.clock.ms));
          return payload;
        },
      };
      agent = makeAgent(edge, { keys }, { maxTurns: 10_000 });
      run = await startRun(agent, { boot });
      assert.deepEqual(await run.send(await edge.append(submit("c1", "hello"))), { errors: [], text: "echo hello" });
    });

    after(async () => {
      await run?.close();
      await world?.edge.close();
    });

    const attacks = [...ATTACKS, ...(mode === "signed" ? SIGNED_ATTACKS : ENCRYPTED_ATTACKS)];
    for (const [name, reason, forge, hooks = []] of attacks) {
      test(name, async () => {
        const seen = agent.seen.length;
        const history = JSON.stringify(run.harness.getSnapshot()!.messages);
        const { errors, text } = await run.send(await forge(world));
        assert.equal(errors.length, 1);
        assert.equal(text, "");
        assert.equal(agent.refused.at(-1)?.refusal.reason, reason);
        const called = agent.seen.slice(seen).map(({ hook }) => hook).filter((hook) => hook !== "tools");
        assert.deepEqual(called, hooks);
        assert.equal(JSON.stringify(run.harness.getSnapshot()!.messages), history);
      });
    }

    test("of a message, for none: the runtime has nothing to answer", async () => {
      const runs = agent.ran().length;
      const payload = await world.stamped();
      assert.deepEqual(await run.send({ ...payload, message: undefined }), { errors: [], text: "" });
      assert.equal(agent.ran().length, runs);
    });

    test("twice", async () => {
      const payload = await world.stamped();
      assert.deepEqual((await run.send(payload)).errors, []);
      assert.equal((await run.send(payload)).errors.length, 1);
      assert.equal(agent.refused.at(-1)?.refusal.reason, "replayed");
    });

    test("an action twice", async () => {
      const payload = await world.edge.append({ chatId: "c1", trigger: "action", action: { type: "pay" }, metadata });
      assert.deepEqual((await run.send(payload)).errors, []);
      assert.equal((await run.send(payload)).errors.length, 1);
      assert.equal(agent.seen.filter(({ hook }) => hook === "onAction").length, 1);
    });

    test("cut at every byte", async () => {
      const runs = agent.ran().length;
      const payload = await world.stamped();
      const member = mode === "signed" ? "proof" : "sealed";
      const token = stampOf(payload)[member] as string;
      const done = run.completed();
      for (let length = 0; length < token.length; length++) {
        await run.deliver(restamped(payload, { ...stampOf(payload), [member]: token.slice(0, length) }));
      }
      await run.complete(done + token.length, 30_000);
      assert.ok(token.length > 300);
      assert.equal(agent.ran().length, runs);
      assert.deepEqual((await run.send(payload)).errors, []);
    });

    test("into a turn that is under way", async () => {
      let release = (): void => {};
      agent.gate.until = () => new Promise((resolve) => release = resolve);
      const runs = agent.ran().length;
      const done = run.completed();
      await run.deliver(await world.edge.append(submit("c1", "long")));
      while (agent.ran().length === runs) await new Promise((resolve) => setTimeout(resolve, 2));
      await run.deliver(submit("c1", "forged"));
      await run.deliver(forged(SIGNALS));
      await run.deliver(await world.edge.append(submit("c1", "honest")));
      agent.gate.until = async () => {};
      release();
      await run.complete(done + 4);
      assert.deepEqual(agent.ran().slice(runs), ["long", "honest"]);
    });

    test("and nothing of it is in the history, or came to the model", async () => {
      assert.deepEqual((await run.send(await world.edge.append(submit("c1", "at last")))).errors, []);
      assert.match(agent.model.prompts.at(-1)!, /hello.*at last/);
      assert.ok(agent.model.prompts.every((prompt) => !prompt.includes("forged")));
      assert.ok(!JSON.stringify(run.harness.getSnapshot()).includes("forged"));
      assert.ok(agent.ran().every((text) => text !== "forged"));
    });
  });
}

test("altered signals beside a proof are not those that the agent gets", async () => {
  const [mode] = await modes();
  const edge = await createEdge(mode!.seal);
  const agent = makeAgent(edge, { keys: mode!.keys });
  const run = await startRun(agent, { boot: await edge.create({ chatId: "c1", trigger: "preload", metadata }) });
  const payload = await edge.append({ ...submit("c1", "hi"), message: userMessage("hi") });
  const { claims } = decodeProof(stampOf(payload)["proof"] as string);
  assert.deepEqual(claims["signals"], SIGNALS);
  await run.send(restamped(payload, { ...stampOf(payload), botScore: 1, extra: true }));
  assert.deepEqual(agent.seen.at(-1)?.clientData, { userId: "ada", __edge: SIGNALS });
  await run.close();
  await edge.close();
});
