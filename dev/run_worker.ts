/**
 * One thread, one run: the SDK's own code executes the agent, and talks to the upstream over HTTP as it does
 * in production. Only what the platform's supervisor would do is stood in for: the task context, and waking a run that
 * was suspended; for both the SDK ships stand-ins.
 */

import { parentPort, workerData } from "node:worker_threads";
import { apiClientManager, resourceCatalog } from "@trigger.dev/core/v3";
import { installSessionWaitpointBackend, runInMockTaskContext, StandardSessionStreamManager } from "@trigger.dev/core/v3/test";
// Installs the task catalog, so it comes before any agent.
import "@trigger.dev/sdk/ai/test";
import "./plain_store.ts";
import { AGENT_ID, createAgent } from "./agent.ts";
import type { Observation } from "./observations.ts";

/** What a thread is told when it starts. */
export interface WorkerSetup {
  readonly secretKey: string;
  readonly namespace: string;
}

/** The one order that a thread gets, and what it tells: what the agent sees, and at last how the run ended. */
export type ToWorker = { readonly runId: string; readonly apiUrl: string; readonly payload: unknown };
export type FromWorker = { readonly observation: Observation } | { readonly error: string | undefined };

const { secretKey, namespace } = workerData as WorkerSetup;
const tell = (message: FromWorker) => parentPort?.postMessage(message);
createAgent({ namespace, observe: (observation) => tell({ observation }) });

async function execute({ runId, apiUrl, payload }: ToWorker): Promise<void> {
  apiClientManager.setGlobalAPIClientConfiguration({ baseURL: apiUrl, accessToken: secretKey });
  const client = apiClientManager.clientOrThrow();
  const waits = installSessionWaitpointBackend(client);
  const sessionStreamManager = new StandardSessionStreamManager(client, apiUrl);
  const task = resourceCatalog.getTask(AGENT_ID);
  if (task === undefined) throw new Error(`the agent ${AGENT_ID} is not registered`);
  try {
    await runInMockTaskContext(({ ctx }) => task.fns.run(payload, { ctx, signal: new AbortController().signal }), {
      ctx: { run: { id: runId }, task: { id: AGENT_ID, filePath: "dev/agent.ts" } },
      runtimeManager: waits.runtimeManager,
      sessionStreamManager,
    });
  } finally {
    sessionStreamManager.reset();
    waits.restore();
  }
}

parentPort?.once("message", async (order: ToWorker) => {
  let error: string | undefined;
  try {
    await execute(order);
  } catch (cause) {
    error = String(cause);
  }
  tell({ error });
  parentPort?.close();
});
