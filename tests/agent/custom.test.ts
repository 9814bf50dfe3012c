/** A `chat.customAgent`, whose loop is its own, with the same checks. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { mockChatAgent } from "@trigger.dev/sdk/ai/test";
import { chat } from "@trigger.dev/sdk/ai";
import { TestSessionStreamManager } from "@trigger.dev/core/v3/test";
import { edgeAgent, StampRefusal } from "../../src/agent.ts";
import { createEdge, modes, type Payload, SIGNALS, submit } from "./edge.ts";

const metadata = { userId: "ada" };
const PRELOAD: Payload = { chatId: "c1", trigger: "preload", metadata };

for (const { name, seal, keys } of await modes()) {
  describe(`with stamps that are ${name}`, () => {
    test("in the SDK's runtime", async () => {
      const edge = await createEdge(seal);
      const edgeSide = edgeAgent({ chat, keys, now: () => edge.clock.ms });
      const seen: string[] = [];
      const agent = chat.customAgent({
        id: `custom-${name}`,
        run: async (payload) => {
          const begun = await edgeSide.begin(payload);
          for (;;) {
            const record = await chat.messages.next({ timeoutInSeconds: 5 });
            if (record === undefined || record.payload.trigger === "close") return;
            try {
              const { __edge } = await begun.check(record.payload);
              seen.push(`${record.payload.trigger} ${JSON.stringify(__edge)}`);
            } catch (error) {
              seen.push((error as StampRefusal).reason);
            }
          }
        },
      });
      const manager = new TestSessionStreamManager();
      const boot = await edge.create(PRELOAD);
      const harness = mockChatAgent(agent, {
        chatId: "c1",
        clientData: boot.metadata,
        taskContext: { sessionStreamManager: manager },
      });
      const honest = await edge.append(submit("c1", "hi"));
      const records = [
        submit("c1", "forged"),
        honest,
        honest,
        await edge.append({ chatId: "c1", trigger: "action", action: { type: "undo" }, metadata }),
        await edge.append({ chatId: "c1", trigger: "regenerate-message", messageId: "a", metadata }),
        {
          ...await edge.append({ chatId: "c1", trigger: "regenerate-message", messageId: "a", metadata }),
          messageId: "b",
        },
        await edge.append(submit("c2", "another chat's")),
        boot,
      ];
      for (const payload of records) await manager.__sendFromTest("c1", "in", { kind: "message", payload });
      for (const end = Date.now() + 30_000; seen.length < records.length && Date.now() < end;) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const signals = JSON.stringify(SIGNALS);
      assert.deepEqual(seen, [
        "missing",
        `submit-message ${signals}`,
        "replayed",
        `action ${signals}`,
        `regenerate-message ${signals}`,
        "message",
        "chat",
        "use",
      ]);
      await harness.close();
      await edge.close();
    });

    test("a run begins with its session's first message, or without a proof", async () => {
      const edge = await createEdge(seal);
      const refused: string[] = [];
      const edgeSide = edgeAgent({
        chat,
        keys,
        now: () => edge.clock.ms,
        onRefused: ({ refusal }) => refused.push(refusal.reason),
      });
      const first = await edge.create(submit("c1", "first"));
      const begun = await edgeSide.begin(first);
      assert.deepEqual((await begun.check(first)).__edge, SIGNALS);
      await assert.rejects(begun.check(first), StampRefusal);
      const continued = await edgeSide.begin({ chatId: "c1", continuation: true, metadata: first.metadata });
      await assert.rejects(continued.check(first), StampRefusal);
      assert.deepEqual((await continued.check(await edge.append(submit("c1", "next")))).__edge, SIGNALS);
      const unproven = await edgeSide.begin({ ...PRELOAD, metadata: { __edge: SIGNALS } });
      await assert.rejects(unproven.check(await edge.append(submit("c1", "hi"))), /start a new chat$/);
      assert.deepEqual(refused, ["replayed", "use", "creation"]);
      await edge.close();
    });

    test("one stamp in two turns at once counts once, also where its store is slow or fails", async () => {
      const edge = await createEdge(seal);
      const slow = { has: () => new Promise<boolean>((resolve) => setTimeout(resolve, 5, false)), add: async () => {} };
      const failing = { has: () => Promise.reject(new Error("no database")), add: () => {} };
      const rows = [[undefined, 1], [slow, 1], [failing, 0]] as const;
      for (const [usedStamps, passed] of rows) {
        const made = edgeAgent({ chat, keys, now: () => edge.clock.ms, ...(usedStamps && { usedStamps }) });
        const begun = await made.begin(await edge.create(PRELOAD));
        const action = await edge.append({ chatId: "c1", trigger: "action", action: { type: "pay" }, metadata });
        const checks = await Promise.allSettled([begun.check(action), begun.check(action), begun.check(action)]);
        assert.equal(checks.filter(({ status }) => status === "fulfilled").length, passed);
      }
      await edge.close();
    });

    test("what has no seal is taken as before until its day, a repetition too", async () => {
      const edge = await createEdge(seal);
      const day = new Date(edge.clock.ms + 60_000);
      const acceptUnsealed = { turnsUntil: day, sessionsUntil: day };
      const made = edgeAgent({ chat, keys, now: () => edge.clock.ms, acceptUnsealed });
      const begun = await made.begin({ ...PRELOAD, metadata: { __edge: SIGNALS } });
      const repeat = { chatId: "c1", trigger: "regenerate-message", messageId: "a" };
      const unsealed = [
        { ...submit("c1", "hi", { __edge: SIGNALS }), messageId: "u-1" },
        { ...repeat, metadata: { __edge: SIGNALS } },
      ];
      for (const payload of unsealed) assert.deepEqual((await begun.check(payload)).__edge, SIGNALS);
      // A sealed one is held to its message as ever.
      const sealed = await edge.append({ ...repeat, metadata });
      await assert.rejects(begun.check({ ...sealed, messageId: "b" }), { reason: "message" });
      edge.clock.ms = day.getTime();
      for (const payload of unsealed) await assert.rejects(begun.check(payload), { reason: "unsealed" });
      await edge.close();
    });

    test("a head start's second half is not to be had: its boot is refused", async () => {
      const edge = await createEdge(seal);
      const made = edgeAgent({ chat, keys, now: () => edge.clock.ms });
      const boot = await edge.create({ ...PRELOAD, trigger: "handover-prepare" });
      const begun = await made.begin(boot);
      await assert.rejects(begun.check(boot), { name: "StampRefusal", reason: "head_start" });
      await edge.close();
    });

    test("peek() is synchronous: with the schema it throws, and gives no client data", async () => {
      const edge = await createEdge(seal);
      const { schema } = edgeAgent({ chat, keys, now: () => edge.clock.ms });
      let peeked: unknown;
      const agent = chat.withClientData({ schema }).customAgent({
        id: `peek-${name}`,
        run: async () => {
          await chat.messages.hasPending();
          for (let tries = 0; tries < 200 && !await chat.messages.hasPending(); tries++) {
            await new Promise((resolve) => setTimeout(resolve, 5));
          }
          try {
            peeked = chat.messages.peek();
          } catch (error) {
            peeked = String(error);
          }
        },
      });
      const manager = new TestSessionStreamManager();
      const boot = await edge.create(PRELOAD);
      const harness = mockChatAgent(agent, {
        chatId: "c1",
        clientData: boot.metadata,
        taskContext: { sessionStreamManager: manager },
      });
      await manager.__sendFromTest("c1", "in", { kind: "message", payload: await edge.append(submit("c1", "hi")) });
      await harness.waitForExit(5_000);
      assert.match(String(peeked), /asynchronous schema/);
      await edge.close();
    });
  });
}
