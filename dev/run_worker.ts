/**
 * One thread, one run at a time: the SDK's own code executes the task, and talks to the upstream over HTTP as it does
 * in production. Only what the platform's supervisor would do is stood in for.
 */

import nodeModule from "node:module";
import { parentPort, workerData } from "node:worker_threads";
import type { executeChat } from "./execute_chat.ts";
import type { ExecutedTask, TaskThread } from "./execute_task.ts";
import type { FromWorker, Order, Register, ToWorker, WorkerSetup } from "./orders.ts";

type Tell = (message: FromWorker) => void;

type Load = (order: Order) => TaskThread;

/** Installs the SDK's task catalog, and takes in hooks, which has to be done before any task is defined; then defines them. */
async function load(
  { namespace, tasks, secretKey }: WorkerSetup,
  tell: Tell,
): Promise<{ executeChat: typeof executeChat; thread: Load }> {
  const { executeChat } = await import("./execute_chat.ts");
  const { installHooks, createTaskThread } = await import("./execute_task.ts");
  const hooks = installHooks();
  const { register } = (await import(tasks)) as { register?: Register };
  register?.({ namespace, observe: (observation) => tell({ observation }) });
  let made: TaskThread | undefined;
  return { executeChat, thread: ({ apiUrl }) => (made ??= createTaskThread(apiUrl, secretKey, hooks)) };
}

/** Takes orders. */
function serve(setup: WorkerSetup, tell: Tell): (message: ToWorker) => void {
  const loaded = load(setup, tell);
  // A module that cannot be loaded fails each run, with the reason.
  loaded.catch(() => {});
  let current: ExecutedTask | undefined;
  const execute = async (order: Order): Promise<void> => {
    const { executeChat, thread } = await loaded;
    if (order.sessionKey !== null) {
      tell({ attempt: 1 });
      await executeChat(order, setup.secretKey);
      // Its managers took the place of a task's.
      return tell({ outcome: { ok: true }, isReusable: false });
    }
    current = thread(order).execute(order, {
      wait: (isWaiting) => tell({ isWaiting }),
      attempt: (attempt) => tell({ attempt }),
    });
    tell({ outcome: await current.outcome, isReusable: true });
  };
  return (message) => {
    if ("cancel" in message) return current?.cancel();
    if ("waitpoint" in message) return current?.resume(message.waitpoint);
    execute(message.order).catch((error: unknown) => {
      tell({ outcome: { ok: false, error: { type: "STRING_ERROR", raw: String(error) } }, isReusable: false });
    });
  };
}

// Loading the SDK is most of what a thread costs.
// Deno has no such cache.
nodeModule.enableCompileCache?.();
parentPort?.on("message", serve(workerData as WorkerSetup, (message) => parentPort?.postMessage(message)));
