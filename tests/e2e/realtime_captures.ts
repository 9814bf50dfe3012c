/** The calls that trigger and watch runs, each with a name, for writing down what they send. The React hooks send the same. */

import { auth, runs, sessions, streams, tasks, wait } from "@trigger.dev/sdk";
import type { Local } from "../../dev/serve.ts";
import { approval } from "../../dev/task_streams.ts";
import type { add, draft } from "../../dev/tasks.ts";
import { collect, first } from "./calls.ts";
import type { Capture } from "./captures.ts";

const numbers = { a: 1, b: 2 };
/** Runs that begin a while after they are subscribed to, so that there is always something to wait for. */
const later = { delay: "1s", tags: ["user-1"] };

export function realtimeCaptures({ url, runs: rows }: Local): Capture[] {
  const asPage = async (scopes: Parameters<typeof auth.createPublicToken>[0], call: () => Promise<unknown>) => {
    const accessToken = await auth.createPublicToken(scopes);
    await auth.withAuth({ baseURL: url, accessToken }, call);
  };
  const isDone = ({ status }: { status: string }) => status === "COMPLETED";
  const last = () => rows.list().at(-1)?.id ?? "";
  /** Waits until a run is over, so that the requests of its task are of this capture. */
  const over = async (id: string) => {
    while (rows.find(id)?.completedAt == null) await new Promise((resolve) => setTimeout(resolve, 10));
  };
  let token: Awaited<ReturnType<typeof wait.createToken>>;
  return [
    [
      "tasks.trigger",
      () =>
        tasks.trigger<typeof add>("demo-add", numbers, { ...later, metadata: { page: "/" }, idempotencyKey: "key-1" }),
    ],
    ["runs.subscribeToRun", () => first(runs.subscribeToRun(last()), isDone)],
    ["runs.retrieve", () => runs.retrieve(last())],
    [
      "runs.list",
      () => collect(runs.list({ limit: 5, tag: "user-1", status: ["COMPLETED"], taskIdentifier: "demo-add" })),
    ],
    ["runs.replay", () => runs.replay(last())],
    ["runs.cancel", () => runs.cancel(last())],
    ["tasks.trigger, with a trigger token", async () => {
      const accessToken = await auth.createTriggerPublicToken("demo-add");
      await auth.withAuth({ baseURL: url, accessToken }, () => tasks.trigger<typeof add>("demo-add", numbers, later));
    }],
    [
      "runs.subscribeToRunsWithTag, with a public token",
      () =>
        asPage(
          { scopes: { read: { tags: ["user-1"] } } },
          () => first(runs.subscribeToRunsWithTag("user-1", { createdAt: "1h" }), ({ id }) => id === last()),
        ),
    ],
    [
      "tasks.batchTrigger",
      () => tasks.batchTrigger<typeof add>("demo-add", [{ payload: numbers, options: later }, { payload: numbers }]),
    ],
    ["runs.subscribeToBatch", async () => {
      const batchId = rows.list().at(-1)?.batchId ?? "";
      const done = new Set<string>();
      await first(runs.subscribeToBatch(batchId), (run) => isDone(run) && done.add(run.id).size === 2);
    }],
    ["streams.read", async () => {
      const { id } = await tasks.trigger("demo-report", { text: "one two" });
      await first(await streams.read<string>(id, "words", { startIndex: 1, timeoutInSeconds: 5 }));
      await over(id);
    }],
    ["streams.input().send", async () => {
      const { id } = await tasks.trigger<typeof draft>("demo-draft", { to: "Alice" });
      await approval.send(id, { approved: true, reviewer: "bob" });
      await over(id);
    }],
    ["wait.createToken", async () => {
      token = await wait.createToken({ timeout: "10m", tags: ["order-1"], idempotencyKey: "order-1" });
    }],
    [
      "wait.completeToken, with the token's publicAccessToken",
      () =>
        auth.withAuth(
          { baseURL: url, accessToken: token.publicAccessToken },
          () => wait.completeToken(token.id, { paid: true }),
        ),
    ],
    ["wait.retrieveToken and wait.listTokens", async () => {
      await wait.retrieveToken(token.id);
      await collect(wait.listTokens({ tags: ["order-1"], status: "COMPLETED" }));
    }],
    [
      "sessions.list, with filters",
      () => sessions.list({ tag: "b", status: "ACTIVE", taskIdentifier: "edge-demo", limit: 5 }),
    ],
  ];
}
