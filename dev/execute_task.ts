/**
 * Executes plain tasks' runs with the SDK's own executor: middleware, hooks, retries, metadata, streams in and out, and
 * waits. What the supervisor would send to the process comes from the runner.
 */

import { setTimeout as sleep } from "node:timers/promises";
import {
  type ApiClient,
  apiClientManager,
  inputStreams,
  lifecycleHooks,
  localsAPI,
  parsePacket,
  realtimeStreams,
  resourceCatalog,
  runMetadata,
  runtime,
  taskContext,
  type TaskRunContext,
  type TaskRunExecution,
  waitUntil,
} from "@trigger.dev/core/v3";
import { TriggerTracer } from "@trigger.dev/core/v3/tracer";
import {
  SharedRuntimeManager,
  StandardInputStreamManager,
  StandardLifecycleHooksManager,
  StandardLocalsManager,
  StandardMetadataManager,
  StandardRealtimeStreamsManager,
  StandardWaitUntilManager,
  TaskExecutor,
} from "@trigger.dev/core/v3/workers";
import "./plain_store.ts";
import type { Outcome, RunError } from "./run.ts";
import type { Order } from "./orders.ts";
import type { CompletedWaitpoint, RunHost } from "./runs.ts";

/** A run under way. */
export interface ExecutedTask {
  readonly outcome: Promise<Outcome>;
  cancel(): void;
  resume(waitpoint: CompletedWaitpoint): void;
}

/** Executes one run after the other. */
export interface TaskThread {
  execute(order: Order, host: Pick<RunHost, "wait" | "attempt">): ExecutedTask;
}

/** How often changed metadata is sent while the task runs. */
const METADATA_FLUSH_MS = 100;
/** How long the streams of a task that has returned may take to be written. */
const STREAMS_TIMEOUT_MS = 60_000;

/** Takes in the hooks that tasks define. Before any task is defined. */
export function installHooks(): StandardLifecycleHooksManager {
  const hooks = new StandardLifecycleHooksManager();
  lifecycleHooks.setGlobalLifecycleHooksManager(hooks);
  return hooks;
}

/** The SDK's globals take the first manager that is registered: so there is one set of them for all runs. */
export function createTaskThread(apiUrl: string, secretKey: string, hooks: StandardLifecycleHooksManager): TaskThread {
  apiClientManager.setGlobalAPIClientConfiguration({ baseURL: apiUrl, accessToken: secretKey });
  const managers = createManagers(apiUrl, hooks);
  const tracer = new TriggerTracer({ name: "local", version: "1" });
  return {
    execute(order, host) {
      managers.reset();
      managers.onWait = host.wait;
      const abort = new AbortController();
      return {
        outcome: executeAttempts(order, host, managers, tracer, abort.signal),
        cancel() {
          abort.abort("run cancelled");
          void lifecycleHooks.callOnCancelHookListeners();
        },
        resume: (waitpoint) => void managers.runtime.resolveWaitpoints([toSdk(waitpoint)]),
      };
    },
  };
}

interface Managers {
  readonly metadata: StandardMetadataManager;
  readonly inputs: StandardInputStreamManager;
  readonly runtime: SharedRuntimeManager;
  onWait: (isWaiting: boolean) => void;
  /** Sends what is left of the run's metadata, after what is on its way: a flush that finds another under way would drop it. */
  flushMetadata(runId: string): Promise<void>;
  /** Forgets the run before. */
  reset(): void;
}

function createManagers(apiUrl: string, hooks: StandardLifecycleHooksManager): Managers {
  const client = apiClientManager.clientOrThrow();
  let sending: Promise<unknown> = Promise.resolve();
  const updateRunMetadata: ApiClient["updateRunMetadata"] = (...update) => {
    const sent = client.updateRunMetadata(...update);
    sending = sent.catch(() => {});
    return sent;
  };
  // Of its client it uses these alone.
  const metadata = new StandardMetadataManager(
    { updateRunMetadata, getRunMetadata: client.getRunMetadata.bind(client) } as ApiClient,
  );
  const inputs = new StandardInputStreamManager(client, apiUrl);
  const locals = new StandardLocalsManager();
  const outputs = new StandardRealtimeStreamsManager(client, apiUrl);
  const waits = new StandardWaitUntilManager(STREAMS_TIMEOUT_MS);
  // Of its channel to the supervisor it uses `send` alone, and of what it sends only this matters here.
  const send = (type: string, message: { suspendable?: boolean }) => {
    if (type === "SET_SUSPENDABLE") managers.onWait(message.suspendable ?? false);
  };
  const managers: Managers = {
    metadata,
    inputs,
    runtime: new SharedRuntimeManager({ send } as never, false),
    onWait: () => {},
    async flushMetadata(runId) {
      const last = await metadata.stopAndReturnLastFlush();
      await sending;
      const changes = (await parsePacket(last)) as Parameters<ApiClient["updateRunMetadata"]>[1] | undefined;
      if (changes !== undefined) await client.updateRunMetadata(runId, changes);
    },
    reset() {
      for (const manager of [locals, hooks, metadata, outputs, inputs, waits, managers.runtime]) manager.reset();
      // A task's run ends when its streams are written.
      const promise = (timeoutMs: number) => outputs.waitForAllStreams(timeoutMs);
      waits.register({ requiresResolving: () => outputs.hasActiveStreams(), promise });
    },
  };
  localsAPI.setGlobalLocalsManager(locals);
  runMetadata.setGlobalManager(metadata);
  realtimeStreams.setGlobalManager(outputs);
  inputStreams.setGlobalManager(inputs);
  waitUntil.setGlobalManager(waits);
  runtime.setGlobalRuntimeManager(managers.runtime);
  return managers;
}

async function executeAttempts(
  order: Order,
  host: Pick<RunHost, "attempt">,
  { metadata, inputs, flushMetadata }: Managers,
  tracer: TriggerTracer,
  signal: AbortSignal,
): Promise<Outcome> {
  const { runId, taskIdentifier } = order;
  const task = resourceCatalog.getTask(taskIdentifier);
  if (task === undefined) return notFound(taskIdentifier);
  // There is no collector for traces, and what the task prints is printed.
  const consoleInterceptor = { intercept: (_: Console, run: () => Promise<unknown>) => run() } as never;
  const executor = new TaskExecutor(task, { tracer, tracingSDK: undefined as never, consoleInterceptor });
  metadata.runId = runId;
  metadata.runIdIsRoot = order.rootRunId === null;
  inputs.setRunId(runId, "v2");
  metadata.startPeriodicFlush(METADATA_FLUSH_MS);
  try {
    for (let attempt = 1;; attempt++) {
      host.attempt(attempt);
      const execution = describe(order, attempt);
      taskContext.setGlobalTaskContext({ ctx: contextOf(execution), worker: WORKER, isWarmStart: false });
      const { result } = await executor.execute(execution, contextOf(execution), signal);
      if (result.ok) return { ok: true, output: { data: result.output ?? null, dataType: result.outputType } };
      if (result.retry === undefined || signal.aborted) return { ok: false, error: result.error as RunError };
      await sleep(result.retry.delay, undefined, { signal }).catch(() => {});
    }
  } finally {
    await flushMetadata(runId);
    taskContext.disable();
  }
}

function notFound(taskIdentifier: string): Outcome {
  return {
    ok: false,
    error: { type: "INTERNAL_ERROR", code: "COULD_NOT_FIND_TASK", message: `Could not find task ${taskIdentifier}` },
  };
}

const WORKER = { id: "worker_local", version: "local", contentHash: "local", engine: "V2" } as const;

function describe(order: Order, attempt: number): TaskRunExecution {
  const { runId, taskIdentifier, payload, metadata, parentRunId, rootRunId, maxAttempts } = order;
  return {
    attempt: { number: attempt, startedAt: new Date() },
    run: {
      id: runId,
      payload: payload.data ?? "",
      payloadType: payload.dataType,
      tags: [...order.tags],
      isTest: false,
      isReplay: false,
      createdAt: order.createdAt,
      startedAt: new Date(),
      realtimeStreamsVersion: "v2",
      ...(metadata === null ? {} : { metadata: { ...metadata } as never }),
      ...(parentRunId === null ? {} : { parentTaskRunId: parentRunId }),
      ...(rootRunId === null ? {} : { rootTaskRunId: rootRunId }),
      ...(maxAttempts === null ? {} : { maxAttempts }),
    },
    task: { id: taskIdentifier, filePath: "tasks.ts" },
    queue: { id: "queue_local", name: `task/${taskIdentifier}` },
    environment: { id: "env_local", slug: "dev", type: "DEVELOPMENT" },
    organization: { id: "org_local", slug: "local", name: "Local" },
    project: { id: "project_local", ref: "proj_local", slug: "local", name: "Local" },
    machine: { name: "small-1x", cpu: 0.5, memory: 0.5, centsPerMs: 0 },
  };
}

/** What the task sees of its run. */
function contextOf({ run, ...execution }: TaskRunExecution): TaskRunContext {
  const { payload: _payload, payloadType: _type, metadata: _metadata, ...seen } = run;
  return { ...execution, run: seen };
}

function toSdk(
  { id, type, output, isError, child }: CompletedWaitpoint,
): Parameters<SharedRuntimeManager["resolveWaitpoints"]>[0][number] {
  const run = child === undefined ? undefined : { id: child.runId, friendlyId: child.runId };
  const batch = child?.batchId == null ? undefined : { id: child.batchId, friendlyId: child.batchId };
  return {
    id,
    friendlyId: id,
    type,
    completedAt: new Date(),
    ...(output?.data == null ? {} : { output: output.data, outputType: output.dataType }),
    outputIsError: isError,
    ...(run === undefined ? {} : { completedByTaskRun: { ...run, ...(batch === undefined ? {} : { batch }) } }),
    ...(child?.batchIndex == null ? {} : { index: child.batchIndex }),
  };
}
