/** A run as the API shows it: `GET /api/v3/runs/{run}`, and the rows of lists. */

import { isStored, type Objects, packetUrl } from "./objects.ts";
import { isOver, packetJson, type Run } from "./run.ts";
import type { Runs } from "./runs.ts";
import { durationOf } from "./shape.ts";

/** What every view of a run has. */
export function summary(run: Run): object {
  const {
    id,
    taskIdentifier,
    status,
    createdAt,
    updatedAt,
    startedAt,
    completedAt,
    delayUntil,
    isTest,
    metadata,
    resumesParent,
  } = run;
  const function_ = run.batchId === null ? "trigger" : "batchTrigger";
  return {
    id,
    taskIdentifier,
    status,
    createdAt,
    updatedAt,
    startedAt: startedAt ?? undefined,
    finishedAt: completedAt ?? undefined,
    delayedUntil: delayUntil ?? undefined,
    idempotencyKey: run.idempotencyKey ?? undefined,
    version: "local",
    isTest,
    tags: run.tags.toSorted(),
    metadata: metadata ?? undefined,
    batchId: run.batchId ?? undefined,
    triggerFunction: resumesParent ? `${function_}AndWait` : function_,
    depth: run.parentRunId === null ? 0 : 1,
    costInCents: 0,
    baseCostInCents: 0,
    durationMs: durationOf(run),
    isQueued: status === "QUEUED" || status === "DELAYED",
    isExecuting: status === "EXECUTING",
    isWaiting: status === "WAITING",
    isCompleted: isOver(run),
    isSuccess: status === "COMPLETED",
    isFailed: isOver(run) && status !== "COMPLETED",
    isCancelled: status === "CANCELED",
  };
}

/** All of a run, with its relatives. What is stored elsewhere is shown by where it can be read. */
export async function details(run: Run, runs: Runs, objects: Objects, origin: string): Promise<object> {
  const relative = (id: string | null) => {
    const found = id === null ? undefined : runs.find(id);
    return found === undefined ? undefined : summary(found);
  };
  const { output } = run;
  return {
    ...summary(run),
    payload: packetJson(run.payload),
    payloadPresignedUrl: isStored(run.payload) ? await packetUrl(objects, origin, run.payload.data) : undefined,
    output: output === null ? undefined : packetJson(output),
    outputPresignedUrl: output !== null && isStored(output) ? await packetUrl(objects, origin, output.data) : undefined,
    error: describeError(run),
    attemptCount: run.attempts,
    attempts: [],
    relatedRuns: {
      root: relative(run.rootRunId),
      parent: relative(run.parentRunId),
      children: runs.list().filter((other) => other.parentRunId === run.id).map(summary),
    },
  };
}

/** An error as the SDK shows it: what was thrown, or what went wrong around it. */
function describeError({ error }: Run): object | undefined {
  if (error === null) return undefined;
  const text = (value: unknown, fallback: string) => (typeof value === "string" && value !== "" ? value : fallback);
  if (error.type === "BUILT_IN_ERROR") {
    return {
      message: text(error["message"], ""),
      name: text(error["name"], "Error"),
      stackTrace: text(error["stackTrace"], ""),
    };
  }
  const code = text(error["code"], "INTERNAL_ERROR");
  if (error.type === "INTERNAL_ERROR") return { message: text(error["message"], code), name: code };
  return { message: text(error["raw"], "Unknown error") };
}
