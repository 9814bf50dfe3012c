/** Everything that did not come through the proxy, or not for this: none of it reaches an agent's own code. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { makeAgent, startRun, type TestAgent } from "./agent.ts";
import { createEdge, type Edge, modes, type Payload, secretKey, SIGNALS, signingPair, submit, userMessage } from "./edge.ts";
import { decodeProof, hmacWithPublicKey, unsecured, withHeader } from "./forge.ts";
import { encrypted, type Sealer, signed } from "../../src/seal.ts";
import type { JWK } from "jose";

type Stamp = Record<string, unknown>;
interface World {
  readonly edge: Edge;
  readonly boot: Payload;
  readonly keys: readonly JWK[];
  /** A message that came through the proxy and was not delivered. */
  stamped(chatId?: string): Promise<Payload>;
  /** Stamps a message with another sealer. */
  sealedBy(seal: Sealer): Promise<Payload>;
}
type Attack = readonly [name: string, reason: string, forge: (world: World) => Promise<object>, hooks?: string[]];

const stampOf = ({ metadata }: Payload): Stamp => metadata!["__edge"] as Stamp;
const restamped = (payload: Payload, stamp: unknown): Payload => ({ ...payload, metadata: { ...payload.metadata, __edge: stamp } });
const forged = (stamp: unknown): Payload => restamped(submit("c1", "forged"), stamp);

const ATTACKS: readonly Attack[] = [
  ["without metadata", "missing", async () => ({ ...submit("c1", "forged"), metadata: undefined })],
  ["without a stamp", "missing", async () => submit("c1", "forged")],
  ["with null for a stamp", "missing", async () => forged(null)],
  ["with a plain stamp", "unsealed", async () => forged(SIGNALS)],
  ["with a stamp that is text", "unsealed", async () => forged("stamp")],
  ["with metadata that is text", "missing", async () => ({ ...submit("c1", "forged"), metadata: "text" })],
  ["with a stamp in __proto__", "missing", async ({ stamped }) => {
    const stamp = JSON.stringify(stampOf(await stamped()));
    return { ...submit("c1", "forged"), metadata: JSON.parse(`{"userId":"ada","__proto__":{"__edge":${stamp}}}`) };
  }],
  ["with the creation's stamp", "use", async ({ boot }) => forged(stampOf(boot))],
  ["as a preload, with the creation's stamp", "use", async ({ boot }) => boot],
  ["of another chat, into this one", "chat", async ({ stamped }) => ({ ...await stamped("c2"), chatId: "c1" })],
  ["of another chat, as it is", "chat", async ({ stamped }) => await stamped("c2")],
  ["of another message", "message", async ({ stamped }) => forged(stampOf(await stamped()))],
  ["of a message with another text", "message", async ({ stamped }) => {
    const payload = await stamped();
    return { ...payload, message: { ...payload.message!, parts: [{ type: "text", text: "forged" }] } };
  }],
  ["of a message with another role", "message", async ({ stamped }) => {
    const payload = await stamped();
    return { ...payload, message: { ...payload.message!, role: "system" } };
  }],
  ["of a message nested deeper than stacks are", "message", async ({ stamped }) => {
    const payload = await stamped();
    const deep = JSON.parse(`${"[".repeat(4_000)}${"]".repeat(4_000)}`);
    return { ...payload, message: { ...payload.message!, metadata: deep } };
  }],
  ["of a message, to regenerate", "message", async ({ stamped }) => ({ ...await stamped(), trigger: "regenerate-message", message: undefined })],
  ["of a message, for an action", "message", async ({ stamped }) => ({ ...await stamped(), trigger: "action", action: { type: "undo" } })],
  ["of an action, for a message", "message", async ({ edge }) => {
    const { metadata } = await edge.append({ chatId: "c1", trigger: "action", action: { type: "undo" }, metadata: { userId: "ada" } });
    return { ...submit("c1", "forged"), metadata };
  }],
  ["of another action", "message", async ({ edge }) => {
    const action = await edge.append({ chatId: "c1", trigger: "action", action: { type: "pay", amount: "1" }, metadata: { userId: "ada" } });
    return { ...action, action: { type: "pay", amount: "1000" } };
  }],
  ["of another action, equal when parsed", "message", async ({ edge }) => {
    const action = await edge.append({ chatId: "c1", trigger: "action", action: { type: "pay" }, metadata: { userId: "ada" } });
    return { ...action, action: { type: "pay", amount: "1" } };
  }],
  ["of another message to regenerate", "message", async ({ edge }) => {
    const payload = await edge.append({ chatId: "c1", trigger: "regenerate-message", messageId: "a-1", metadata: { userId: "ada" } });
    return { ...payload, messageId: "a-2" };
    // Only run() is told which message is meant.
  }, ["onTurnStart"]],
  ["seven hours ago", "expired", async ({ edge, stamped }) => {
    edge.clock.ms -= 7 * 3600_000;
    const payload = await stamped();
    edge.clock.ms += 7 * 3600_000;
    return payload;
  }],
  ["two minutes from now", "future", async ({ edge, stamped }) => {
    edge.clock.ms += 120_000;
    const payload = await stamped();
    edge.clock.ms -= 120_000;
    return payload;
  }],
  ["for other agents", "audience", async ({ sealedBy, keys, edge }) => sealedBy(sealerLike(keys[0]!, edge, { audience: "other" }))],
  ["by another issuer", "audience", async ({ sealedBy, keys, edge }) => sealedBy(sealerLike(keys[0]!, edge, { issuer: "other" }))],
  ["with client data of another shape", "client_data", async ({ edge }) => await edge.append(submit("c1", "forged", { userId: 7 } as never))],
];

const SIGNED_ATTACKS: readonly Attack[] = [
  ["signed by another key of the same name", "invalid", async ({ edge, sealedBy, keys }) =>
    sealedBy(signed({ key: (await signingPair(keys[0]!.kid!)).key, now: () => edge.clock.ms }))],
  ["signed by another key", "invalid", async ({ edge, sealedBy }) => sealedBy(signed({ key: (await signingPair("other")).key, now: () => edge.clock.ms }))],
  ["with alg none", "invalid", async ({ stamped }) => proven(await stamped(), unsecured)],
  ["with alg none and better signals", "invalid", async ({ stamped }) => proven(await stamped(), (proof) => unsecured(proof, { signals: { botScore: 99 } }))],
  ["without typ", "invalid", async ({ stamped }) => proven(await stamped(), (proof) => withHeader(proof, { typ: undefined }))],
  ["with typ JWT", "invalid", async ({ stamped }) => proven(await stamped(), (proof) => withHeader(proof, { typ: "JWT" }))],
  ["without kid", "invalid", async ({ stamped }) => proven(await stamped(), (proof) => withHeader(proof, { kid: undefined }))],
  ["with another kid", "invalid", async ({ stamped }) => proven(await stamped(), (proof) => withHeader(proof, { kid: "other" }))],
  ["with its key in its header", "invalid", async ({ stamped, keys }) => proven(await stamped(), (proof) => withHeader(proof, { kid: "x", jwk: keys[0] }))],
  ["with a proof that is no text", "invalid", async ({ stamped }) => proven(await stamped(), () => ({}) as string)],
  ...[0, 1, 2].map((form): Attack => [`HS256 with the public key, form ${form + 1}`, "invalid", async ({ stamped, keys }) => {
    const payload = await stamped();
    const token = (await hmacWithPublicKey(stampOf(payload)["proof"] as string, keys[0]!))[form]!;
    return proven(payload, () => token);
  }]),
];

const ENCRYPTED_ATTACKS: readonly Attack[] = [
  ["encrypted with another secret of the same name", "invalid", async ({ edge, sealedBy, keys }) =>
    sealedBy(encrypted({ key: secretKey(keys[0]!.kid!), now: () => edge.clock.ms }))],
  ["encrypted with another secret", "invalid", async ({ edge, sealedBy }) => sealedBy(encrypted({ key: secretKey("other"), now: () => edge.clock.ms }))],
  ["signed, to an agent that knows secrets alone", "invalid", async ({ edge, sealedBy }) =>
    sealedBy(signed({ key: (await signingPair("e1")).key, now: () => edge.clock.ms }))],
  ["without typ", "invalid", async ({ stamped }) => hidden(await stamped(), (token) => withHeader(token, { typ: undefined }))],
  ["with another kid", "invalid", async ({ stamped }) => hidden(await stamped(), (token) => withHeader(token, { kid: "other" }))],
  ["with another enc", "invalid", async ({ stamped }) => hidden(await stamped(), (token) => withHeader(token, { enc: "A128CBC-HS256" }))],
  ["with its nonce changed", "invalid", async ({ stamped }) => hidden(await stamped(), (token) => token.replace(/\.\.(.)/, (_, first) => `..${first === "A" ? "B" : "A"}`))],
];

/** The secrets that the agents' public keys belong to. */
const privateKeys = new Map<string, JWK>();

function sealerLike(key: JWK, edge: Edge, options: { audience?: string; issuer?: string }): Sealer {
  const now = (): number => edge.clock.ms;
  return key.kty === "oct" ? encrypted({ key, now, ...options }) : signed({ key: privateKeys.get(key.kid!)!, now, ...options });
}

function proven(payload: Payload, change: (proof: string) => string): Payload {
  const stamp = stampOf(payload);
  return restamped(payload, { ...stamp, proof: change(stamp["proof"] as string) });
}

function hidden(payload: Payload, change: (token: string) => string): Payload {
  return restamped(payload, { sealed: change(stampOf(payload)["sealed"] as string) });
}

for (const mode of ["signed", "encrypted"] as const) {
  describe(`a message that is ${mode}`, () => {
    let world: World;
    let agent: TestAgent;
    let run: Awaited<ReturnType<typeof startRun>>;

    before(async () => {
      const pair = await signingPair("s1");
      privateKeys.set("s1", pair.key);
      const secret = secretKey("e1");
      const sealer = (now: () => number): Sealer => mode === "signed" ? signed({ key: pair.key, now }) : encrypted({ key: secret, now });
      const edge = await createEdge(sealer);
      const keys = [mode === "signed" ? pair.publicKey : secret];
      const stamped = (chatId = "c1"): Promise<Payload> => edge.append(submit(chatId, "stamped"));
      const boot = await edge.create({ chatId: "c1", trigger: "preload", metadata: { userId: "ada" } });
      world = {
        edge,
        boot,
        keys,
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

    for (const [name, reason, forge, hooks = []] of [...ATTACKS, ...(mode === "signed" ? SIGNED_ATTACKS : ENCRYPTED_ATTACKS)]) {
      test(name, async () => {
        const seen = agent.seen.length;
        const { errors, text } = await run.send(await forge(world));
        assert.equal(errors.length, 1);
        assert.equal(text, "");
        assert.equal(agent.refused.at(-1)?.refusal.reason, reason);
        assert.deepEqual(agent.seen.slice(seen).map(({ hook }) => hook).filter((hook) => hook !== "tools"), hooks);
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
      const payload = await world.edge.append({ chatId: "c1", trigger: "action", action: { type: "pay" }, metadata: { userId: "ada" } });
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
  const run = await startRun(agent, { boot: await edge.create({ chatId: "c1", trigger: "preload", metadata: { userId: "ada" } }) });
  const payload = await edge.append({ ...submit("c1", "hi"), message: userMessage("hi") });
  const { claims } = decodeProof(stampOf(payload)["proof"] as string);
  assert.deepEqual(claims["signals"], SIGNALS);
  await run.send(restamped(payload, { ...stampOf(payload), botScore: 1, extra: true }));
  assert.deepEqual(agent.seen.at(-1)?.clientData, { userId: "ada", __edge: SIGNALS });
  await run.close();
  await edge.close();
});
