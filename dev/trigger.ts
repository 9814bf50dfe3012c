/** Makes runs of what callers ask for: one at a time, or as the items of a batch. */

import type { Context } from "./context.ts";
import { endOf } from "./durations.ts";
import { jsonPacket, type Packet, type Run, type RunDraft } from "./run.ts";
import type { TriggerBody } from "./run_body.ts";

/** A batch's own part in one of its runs. */
export interface BatchPart {
  readonly batchId: string;
  readonly batchIndex: number;
  readonly parentRunId: string | null;
  readonly resumesParent: boolean;
}

/** Triggers a task. A run that was triggered with the same idempotency key is given back, while the key lasts. */
export function triggerRun(
  context: Context,
  taskIdentifier: string,
  body: TriggerBody,
  batch?: BatchPart,
): { run: Run; isCached: boolean } {
  const { options = {} } = body;
  const known = options.idempotencyKey === undefined
    ? undefined
    : findByKey(context, taskIdentifier, options.idempotencyKey);
  const parentRunId = batch?.parentRunId ?? options.parentRunId ?? null;
  const resumesParent = batch?.resumesParent ?? options.resumeParentOnCompletion ?? false;
  const draft = draftOf(context, taskIdentifier, body, parentRunId);
  const run = known ?? context.runs.trigger({ ...draft, resumesParent, ...batch, parentRunId });
  if (resumesParent && parentRunId !== null) {
    context.runs.await(run, { parentRunId, batchId: batch?.batchId ?? null, batchIndex: batch?.batchIndex ?? null });
  }
  return { run, isCached: known !== undefined };
}

function draftOf(
  { runs, clock }: Context,
  taskIdentifier: string,
  body: TriggerBody,
  parentRunId: string | null,
): RunDraft {
  const { options = {} } = body;
  const now = clock();
  const parent = parentRunId === null ? undefined : runs.find(parentRunId);
  return {
    taskIdentifier,
    payload: packetOf(body),
    tags: options.tags ?? [],
    metadata: metadataOf(options.metadata),
    idempotencyKey: options.idempotencyKey ?? null,
    idempotencyKeyExpiresAt: endOf(options.idempotencyKeyTTL ?? DEFAULT_KEY_TTL, now) ?? null,
    delayUntil: options.delay === undefined ? null : endOf(options.delay, now) ?? null,
    maxAttempts: options.maxAttempts ?? null,
    isTest: options.test ?? false,
    rootRunId: parent === undefined ? null : parent.rootRunId ?? parent.id,
  };
}

/** How long a key lasts that says nothing of it. */
const DEFAULT_KEY_TTL = "30d";

function findByKey({ runs, clock }: Context, taskIdentifier: string, key: string): Run | undefined {
  const now = clock();
  return runs.list().findLast((run) =>
    run.taskIdentifier === taskIdentifier && run.idempotencyKey === key && (run.idempotencyKeyExpiresAt ?? now) > now &&
    // A run that failed does not keep its key: the next trigger tries again.
    run.status !== "FAILED" && run.status !== "CRASHED"
  );
}

/** What is called JSON is sent as it is, a string too; any other encoding is sent as text. */
function packetOf({ payload, options = {} }: TriggerBody): Packet {
  const dataType = options.payloadType ?? "application/json";
  if (dataType === "application/json") return jsonPacket(payload);
  return { data: typeof payload === "string" ? payload : null, dataType };
}

function metadataOf(metadata: NonNullable<TriggerBody["options"]>["metadata"]): Run["metadata"] {
  if (typeof metadata === "string") return JSON.parse(metadata) as Record<string, unknown>;
  return metadata ?? null;
}
