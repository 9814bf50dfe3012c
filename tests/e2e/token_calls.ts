/** Tokens that runs wait for, and tokens that pages call with: `wait-for-token`, `realtime/auth`. */

import { auth, runs, tasks, wait } from "@trigger.dev/sdk";
import type { add, payment, report } from "../../dev/tasks.ts";
import { asPage, asServer, type Calls, collect, failure, first, type Place } from "./calls.ts";

interface Token {
  readonly id: string;
  readonly publicAccessToken: string;
  readonly url: string;
}

/** Triggers a task that waits for a token, and gives the token. */
async function waiting(place: Place): Promise<{ runId: string; token: Token }> {
  return asServer(place, async () => {
    const { id } = await tasks.trigger<typeof payment>("demo-payment", { amount: 5 });
    const { metadata } = await first(runs.subscribeToRun(id), ({ status }) => status === "WAITING");
    return { runId: id, token: metadata?.["token"] as unknown as Token };
  });
}

/** Tokens have no id: two that are made in the same second with the same claims are one, and good for one use together. */
const soon = () => new Date(Date.now() + 60_000 + Math.floor(Math.random() * 86_400_000));

const paid = (place: Place, runId: string) =>
  asServer(place, async () => (await runs.poll<typeof payment>(runId, { pollIntervalMs: 20 })).output);

export const TOKEN_CALLS: Calls = {
  "wait.completeToken": [
    async (place) => {
      const { runId, token } = await waiting(place);
      const answer = await asServer(place, () => wait.completeToken(token.id, { paid: true }));
      return { answer, output: await paid(place, runId) };
    },
    { answer: { success: true }, output: { amount: 5, paid: true } },
  ],

  "wait.completeToken, with the token's publicAccessToken": [
    async (place) => {
      const { runId, token } = await waiting(place);
      await asPage(place, token.publicAccessToken, () => wait.completeToken(token.id, { paid: true }));
      return paid(place, runId);
    },
    { amount: 5, paid: true },
  ],

  "wait.completeToken of another's token": [
    async (place) => {
      const [mine, other] = await asServer(place, () => Promise.all([wait.createToken(), wait.createToken()]));
      return asPage(place, mine.publicAccessToken, () => failure(wait.completeToken(other.id, {})));
    },
    { status: 403, message: "Unauthorized" },
  ],

  "wait.createToken, wait.retrieveToken and wait.listTokens": [
    (place) =>
      asServer(place, async () => {
        const tag = `order-${crypto.randomUUID()}`;
        const { id, isCached } = await wait.createToken({ timeout: "10m", tags: [tag], idempotencyKey: tag });
        const again = await wait.createToken({ timeout: "10m", tags: [tag], idempotencyKey: tag });
        const before = await wait.retrieveToken(id);
        await wait.completeToken(id, { ok: 1 });
        const { status, output } = await wait.retrieveToken(id);
        const listed = await collect(wait.listTokens({ tags: [tag], status: "COMPLETED" }));
        return {
          isCached,
          same: again.id === id && again.isCached,
          before: before.status,
          status,
          output,
          listed: listed.map((token) => token.id === id),
        };
      }),
    { isCached: false, same: true, before: "WAITING", status: "COMPLETED", output: { ok: 1 }, listed: [true] },
  ],

  "a token that times out": [
    (place) =>
      asServer(place, async () => {
        const { id } = await tasks.trigger<typeof payment>("demo-payment", { amount: 1, timeout: "1s" });
        return (await runs.poll<typeof payment>(id, { pollIntervalMs: 50 })).output;
      }),
    { amount: 1, paid: false, error: "WaitpointTimeoutError" },
  ],

  "auth.createTriggerPublicToken": [
    async (place) => {
      const token = await asServer(place, () => auth.createTriggerPublicToken("demo-add", { expirationTime: soon() }));
      return asPage(place, token, async () => {
        const handle = await tasks.trigger<typeof add>("demo-add", { a: 1, b: 2 });
        const run = await asPage(
          place,
          handle.publicAccessToken,
          () => first(runs.subscribeToRun<typeof add>(handle.id), ({ output }) => output !== undefined),
        );
        return {
          output: run.output,
          other: await failure(tasks.trigger<typeof report>("demo-report", { text: "" })),
          again: await failure(tasks.trigger<typeof add>("demo-add", { a: 1, b: 2 })),
        };
      });
    },
    {
      output: { sum: 3 },
      other: { status: 403, message: "Unauthorized" },
      again: { status: 422, message: "Cannot trigger demo-add with a one-time use token as it has already been used." },
    },
  ],

  "auth.createTriggerPublicToken, for several uses": [
    async (place) => {
      const token = await asServer(
        place,
        () => auth.createTriggerPublicToken(["demo-add", "demo-report"], { multipleUse: true, expirationTime: "24hr" }),
      );
      return asPage(place, token, async () => {
        const handles = [
          await tasks.trigger<typeof add>("demo-add", { a: 1, b: 2 }),
          await tasks.trigger<typeof add>("demo-add", { a: 1, b: 2 }),
        ];
        return new Set(handles.map(({ id }) => id)).size;
      });
    },
    2,
  ],

  "auth.createBatchTriggerPublicToken": [
    async (place) => {
      const token = await asServer(
        place,
        () => auth.createBatchTriggerPublicToken("demo-add", { expirationTime: soon() }),
      );
      return asPage(place, token, async () => {
        const handle = await tasks.batchTrigger<typeof add>("demo-add", [1, 2].map((a) => ({ payload: { a, b: 1 } })));
        return {
          runCount: handle.runCount,
          again: await failure(tasks.batchTrigger<typeof add>("demo-add", [{ payload: { a: 1, b: 1 } }])),
        };
      });
    },
    {
      runCount: 2,
      again: { status: 422, message: "Cannot create batch with a one-time use token as it has already been used." },
    },
  ],

  "auth.createPublicToken, with no scopes": [
    async (place) => {
      const { id } = await asServer(place, () => tasks.trigger<typeof add>("demo-add", { a: 1, b: 2 }));
      const token = await asServer(place, () => auth.createPublicToken());
      return asPage(place, token, async () => (await failure(runs.retrieve(id))).status);
    },
    403,
  ],

  "auth.createPublicToken, with scopes for tasks, tags and a batch": [
    async (place) => {
      const tag = `user-${crypto.randomUUID()}`;
      const [{ id }, { batchId }] = await asServer(place, () =>
        Promise.all([
          tasks.trigger<typeof add>("demo-add", { a: 1, b: 2 }, { tags: [tag] }),
          tasks.batchTrigger<typeof add>("demo-add", [{ payload: { a: 1, b: 2 } }]),
        ]));
      const reads: object[] = [{ tasks: ["demo-add"] }, { tags: [tag] }, { batch: batchId }, { runs: true }];
      const statuses = [];
      for (const read of reads) {
        const token = await asServer(place, () => auth.createPublicToken({ scopes: { read } }));
        statuses.push(
          await asPage(
            place,
            token,
            () => runs.retrieve(id).then(() => 200, (error: { status: number }) => error.status),
          ),
        );
      }
      return statuses;
    },
    [200, 200, 403, 200],
  ],
};
