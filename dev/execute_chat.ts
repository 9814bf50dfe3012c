/**
 * Executes a session's run: the agent's turn loop, with the SDK's own managers for a session's streams. The task context,
 * and waking a run that was suspended, are stood in for by what the SDK ships for that.
 */

import { apiClientManager, parsePacket, resourceCatalog } from "@trigger.dev/core/v3";
import {
  installSessionWaitpointBackend,
  runInMockTaskContext,
  StandardSessionStreamManager,
} from "@trigger.dev/core/v3/test";
// Installs the task catalog.
import "@trigger.dev/sdk/ai/test";
import "./plain_store.ts";
import { requireNode } from "./peers.ts";
import type { Order } from "./orders.ts";

export async function executeChat(
  { runId, taskIdentifier, apiUrl, payload, tags }: Order,
  secretKey: string,
): Promise<void> {
  requireNode("execute a chat");
  apiClientManager.setGlobalAPIClientConfiguration({ baseURL: apiUrl, accessToken: secretKey });
  const client = apiClientManager.clientOrThrow();
  const waits = installSessionWaitpointBackend(client);
  const sessionStreamManager = new StandardSessionStreamManager(client, apiUrl);
  const task = resourceCatalog.getTask(taskIdentifier);
  if (task === undefined) throw new Error(`There is no agent "${taskIdentifier}": define it in the module of tasks`);
  const input: unknown = await parsePacket({ data: payload.data ?? undefined, dataType: payload.dataType });
  try {
    await runInMockTaskContext(({ ctx }) => task.fns.run(input, { ctx, signal: new AbortController().signal }), {
      ctx: { run: { id: runId, tags: [...tags] }, task: { id: taskIdentifier, filePath: "tasks.ts" } },
      runtimeManager: waits.runtimeManager,
      sessionStreamManager,
    });
  } finally {
    sessionStreamManager.reset();
    waits.restore();
  }
}
