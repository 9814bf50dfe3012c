/** What a user does honestly goes through, whatever the network, the queue and the runtime make of it. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { UIMessage } from "ai";
import { makeAgent, startRun, type TestAgent } from "./agent.ts";
import { createEdge, type Edge, modes, type Payload, SIGNALS, submit, userMessage } from "./edge.ts";

const HOUR = 3600_000;
const CLIENT_DATA = { userId: "ada", __edge: SIGNALS };
const metadata = { userId: "ada" };

for (const { name, seal, keys } of await modes()) {
  describe(`with a stamp that is ${name}`, () => {
    let edge: Edge;
    let agent: TestAgent;
    let run: Awaited<ReturnType<typeof startRun>>;

    before(async () => {
      edge = await createEdge(seal);
      agent = makeAgent(edge, { keys });
      run = await startRun(agent, { boot: await edge.create({ chatId: "c1", trigger: "preload", metadata }) });
      assert.deepEqual(await run.send(await edge.append(submit("c1", "hello"))), { errors: [], text: "echo hello" });
    });

    after(async () => {
      await run?.close();
      await edge?.close();
    });

    test("each hook gets the proven signals under the namespace, and the rest as its schema made it", () => {
      const hooks = agent.seen.map(({ hook }) => hook);
      assert.deepEqual(hooks, ["onBoot", "onPreload", "tools", "onChatStart", "onTurnStart", "run", "onTurnComplete"]);
      for (const { hook, clientData } of agent.seen) assert.deepEqual(clientData, CLIENT_DATA, hook);
    });

    test("messages queued behind a long turn are answered three hours later", async () => {
      let release = (): void => {};
      agent.gate.until = () => new Promise((resolve) => release = resolve);
      const runs = agent.ran().length;
      const done = run.completed();
      for (const text of ["long", "second", "third"]) await run.deliver(await edge.append(submit("c1", text)));
      while (agent.ran().length === runs) await new Promise((resolve) => setTimeout(resolve, 2));
      agent.gate.until = async () => {};
      edge.clock.ms += 3 * HOUR;
      release();
      await run.complete(done + 3);
      assert.deepEqual(agent.ran().slice(runs), ["long", "second", "third"]);
    });

    test("a message that is sent again under its X-Part-Id is answered, whichever attempt was stored", async () => {
      const payload = submit("c1", "again");
      const attempts = [await edge.append(payload, "part-1"), await edge.append(payload, "part-1")];
      assert.deepEqual(await run.send(attempts[1]!), { errors: [], text: "echo again" });
      assert.notDeepEqual(attempts[0]!.metadata, undefined);
      const other = submit("c1", "once more");
      const stored = await edge.append(other, "part-2");
      await edge.append(other, "part-2");
      assert.deepEqual(await run.send(stored), { errors: [], text: "echo once more" });
    });

    test("an X-Part-Id that is no plain id, and one that is long", async () => {
      for (const partId of ["not a plain id", "x".repeat(500), ""]) {
        assert.deepEqual((await run.send(await edge.append(submit("c1", "odd"), partId))).errors, []);
      }
    });

    test("an answer is regenerated", async () => {
      const before = agent.model.prompts.length;
      const regenerate: Payload = { chatId: "c1", trigger: "regenerate-message", messageId: "a-1", metadata };
      assert.deepEqual(await run.send(await edge.append(regenerate)), { errors: [], text: "echo odd" });
      const { messageId: _, ...without } = regenerate;
      assert.deepEqual(await run.send(await edge.append(without)), { errors: [], text: "echo odd" });
      assert.equal(agent.model.prompts.length, before + 2);
    });

    for (const approved of [true, false]) {
      test(`a tool is ${approved ? "approved" : "denied"}`, async () => {
        assert.deepEqual((await run.send(await edge.append(submit("c1", `delete ${approved}.txt`)))).errors, []);
        assert.deepEqual((await run.send(await edge.append(approval(lastMessage(run), approved)))).errors, []);
        assert.equal(agent.model.prompts.at(-1)!.includes(`deleted ${approved}.txt`), approved);
      });
    }

    test("an approval cannot be turned round", async () => {
      await run.send(await edge.append(submit("c1", "delete b.txt")));
      const denied = await edge.append(approval(lastMessage(run), false));
      const { message } = approval(lastMessage(run), true);
      assert.equal((await run.send({ ...denied, message: message! })).errors.length, 1);
      assert.deepEqual((await run.send(denied)).errors, []);
      assert.ok(!agent.model.prompts.at(-1)!.includes("deleted b.txt"));
    });

    test("a whole assistant message is bound by what the runtime keeps of it", async () => {
      const asked = lastMessage(run);
      const parts = [{ type: "text", text: "half", state: "streaming" }, {
        type: "tool-x",
        toolCallId: "t",
        state: "input-available",
        input: {},
      }];
      const message = { ...asked, id: "a-new", parts } as unknown as UIMessage;
      assert.deepEqual(
        (await run.send(await edge.append({ chatId: "c1", trigger: "submit-message", message, metadata }))).errors,
        [],
      );
    });

    test("an action is done, as its schema made it", async () => {
      const action = { type: "pay", amount: "12" };
      assert.deepEqual(await run.send(await edge.append({ chatId: "c1", trigger: "action", action, metadata })), {
        errors: [],
        text: "",
      });
      assert.deepEqual(agent.seen.at(-1), {
        hook: "onAction",
        chatId: "c1",
        clientData: CLIENT_DATA,
        action: { type: "pay", amount: 12 },
      });
    });

    test("two tabs write in turn, and the same", async () => {
      const runs = agent.ran().length;
      const payloads = await Promise.all(["one", "two", "same", "same"].map((text) => edge.append(submit("c1", text))));
      for (const payload of payloads) assert.deepEqual((await run.send(payload)).errors, []);
      assert.deepEqual(agent.ran().slice(runs), ["one", "two", "same", "same"]);
    });

    test("text of every kind: cut surrogates, control characters, long numbers, keys that are numbers", async () => {
      const odd =
        '{"id":"u-odd","role":"user","parts":[{"type":"text","text":"\\ud83d \\u0000 \\u00e9 é \u2028"}],"metadata":{"10":1,"2":1e21,"a":12345678901234567890,"-0":-0,"__proto__":{}}}';
      const payload = await edge.append({ ...submit("c1", "x"), message: JSON.parse(odd) as UIMessage });
      assert.deepEqual((await run.send(payload)).errors, []);
    });

    test("clocks differ by half a minute", async () => {
      const payload = await edge.append(submit("c1", "ahead"));
      edge.clock.ms -= 30_000;
      assert.deepEqual((await run.send(payload)).errors, []);
      edge.clock.ms += 30_000;
    });
  });
}

test("what every reader of a session sees has no signal in it, where stamps are encrypted", async () => {
  const [, mode] = await modes();
  const edge = await createEdge(mode!.seal);
  const agent = makeAgent(edge, { keys: mode!.keys });
  const boot = await edge.create({ chatId: "c1", trigger: "preload", metadata });
  const run = await startRun(agent, { boot });
  const payload = await edge.append({ ...submit("c1", "hi"), message: userMessage("hi") });
  assert.deepEqual(Object.keys(boot.metadata!["__edge"] as object), ["sealed"]);
  assert.deepEqual((await run.send(payload)).errors, []);
  assert.deepEqual(agent.seen.at(-1)?.clientData, CLIENT_DATA);
  // The records of `.in`, what a create answers with and a run is triggered with, `.out`, and the stored history.
  const visible = [...edge.bodies, JSON.stringify(run.harness.allRawChunks), JSON.stringify(run.harness.getSnapshot())]
    .join();
  for (const [name, value] of Object.entries(SIGNALS)) {
    // As a member's name, escaped or not: three letters alone come up in base64, too.
    assert.ok(!new RegExp(`"${name}\\\\*"`).test(visible), name);
    if (typeof value === "string" && value.length > 2) assert.ok(!visible.includes(value), value);
  }
  await run.close();
  await edge.close();
});

function lastMessage(run: Awaited<ReturnType<typeof startRun>>): UIMessage {
  return run.harness.getSnapshot()!.messages.at(-1)!.message as UIMessage;
}

/** The user's answer to the tool call in a message, as the transport sends it: the ids, and the answer alone. */
function approval(asked: UIMessage, approved: boolean): Payload {
  const part = asked.parts.find(({ type }) => type === "tool-deleteFile") as unknown as {
    toolCallId: string;
    approval: { id: string };
  };
  const parts = [{
    type: "tool-deleteFile",
    toolCallId: part.toolCallId,
    state: "approval-responded",
    approval: { id: part.approval.id, approved },
  }];
  const message = { id: asked.id, role: "assistant", parts } as unknown as UIMessage;
  return { chatId: "c1", trigger: "submit-message", message, messageId: asked.id, metadata };
}
