/** Triggering: `POST /api/v1/tasks/{task}/trigger`, and batches in two steps under `/api/v3/batches`. */

import * as v from "valibot";
import { bodyText, forbidden, json } from "./answers.ts";
import type { Batch } from "./batches.ts";
import type { Call, Context, Handler } from "./context.ts";
import { readBody } from "./read_body.ts";
import { type BatchItem, batchItemSchema, batchSchema, triggerSchema } from "./run_body.ts";
import { type Caller, may, mayAll, mintPublicToken } from "./tokens.ts";
import { triggerRun } from "./trigger.ts";

const PAYLOAD_LIMIT_BYTES = 3 * 1024 * 1024;
const BATCH_LIMIT_BYTES = 128 * 1024;

export const triggerTask: Handler = async (context, { request, params, caller }) => {
  const id = params["task"] ?? "";
  const body = await readBody(request, triggerSchema, PAYLOAD_LIMIT_BYTES);
  if (body instanceof Response) return body;
  if (!may(caller, "trigger", [{ type: "tasks", id }])) return forbidden();
  const used = useUp(context, caller, `Cannot trigger ${id} with a one-time use token as it has already been used.`);
  if (used !== undefined) return used;
  const { run, isCached } = triggerRun(context, id, body);
  const scopes = [`read:runs:${run.id}`, `write:inputStreams:${run.id}`];
  return json({ id: run.id, isCached }, 200, await delegate(context, caller, scopes, scopes));
};

export const createBatch: Handler = async (context, { request, caller }) => {
  const body = await readBody(request, batchSchema, BATCH_LIMIT_BYTES);
  if (body instanceof Response) return body;
  const named = (body.taskIdentifiers ?? []).map((id) => ({ type: "tasks", id }) as const);
  const broad = may(caller, "batchTrigger", [{ type: "batch" }, { type: "tasks" }]);
  if (!broad && (named.length === 0 || !mayAll(caller, "batchTrigger", named))) return forbidden();
  const used = useUp(context, caller, "Cannot create batch with a one-time use token as it has already been used.");
  if (used !== undefined) return used;
  const { batch, isCached } = context.batches.create(body);
  const { id, runCount } = batch;
  const answer = {
    id,
    runCount,
    isCached,
    ...(batch.idempotencyKey === null ? {} : { idempotencyKey: batch.idempotencyKey }),
  };
  return json(answer, 202, await delegate(context, caller, [`read:batch:${id}`]));
};

/** The items come as lines of JSON, in a body whose length nobody need know. */
export const addBatchItems: Handler = async (context, call) => {
  const { request, params, caller } = call;
  if (!/application\/(x-)?ndjson/.test(request.headers.get("content-type") ?? "")) {
    return json({ error: "Content-Type must be application/x-ndjson or application/ndjson" }, 415);
  }
  const batch = context.batches.find(params["batch"] ?? "");
  if (batch === undefined) return json({ error: `Batch ${params["batch"]} not found` }, 422);
  const items = await readItems(call, batch);
  if (items instanceof Response) return items;
  const isOwner = may(caller, "write", [{ type: "batch", id: batch.id }]);
  const allowed = items.length > 0 &&
    mayAll(caller, "batchTrigger", items.map(({ task: id }) => ({ type: "tasks", id })));
  if (!isOwner && !allowed) return forbidden();
  return json(batch.sealedAt === null ? accept(context, batch, items) : { ...countsOf(batch, 0, 0), sealed: true });
};

async function readItems({ request }: Call, batch: Batch): Promise<Response | BatchItem[]> {
  const items: BatchItem[] = [];
  for (const line of (await bodyText(request)).split("\n")) {
    if (line.trim() === "") continue;
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return json({ error: `Invalid JSON at line ${items.length + 1}` }, 400);
    }
    const item = v.safeParse(batchItemSchema, value);
    if (!item.success) {
      return json({ error: `Invalid item at index ${items.length}: ${v.summarize(item.issues)}` }, 422);
    }
    const { index } = item.output;
    if (index >= batch.runCount) {
      return json({ error: `Item index ${index} exceeds batch runCount ${batch.runCount}` }, 422);
    }
    items.push(item.output);
  }
  return items;
}

/** Triggers the items that are new, and seals the batch when it is whole. */
function accept(context: Context, batch: Batch, items: readonly BatchItem[]): object {
  const { id: batchId, parentRunId, resumesParent, runCount } = batch;
  let itemsAccepted = 0;
  for (const { index: batchIndex, task, payload, options } of items) {
    if (batch.runIds[batchIndex] !== null) continue;
    const body = { payload, ...(options === undefined ? {} : { options }) };
    const { run } = triggerRun(context, task, body, { batchId, batchIndex, parentRunId, resumesParent });
    context.batches.put(batch, batchIndex, run.id);
    itemsAccepted++;
  }
  const counts = countsOf(batch, itemsAccepted, items.length - itemsAccepted);
  const enqueuedCount = batch.runIds.filter((runId) => runId !== null).length;
  if (enqueuedCount < runCount) return { ...counts, sealed: false, enqueuedCount, expectedCount: runCount };
  context.batches.seal(batch);
  return { ...counts, sealed: true };
}

function countsOf({ id, runCount }: Batch, itemsAccepted: number, itemsDeduplicated: number): object {
  return { id, itemsAccepted, itemsDeduplicated, runCount };
}

/** A token for one use is good for one trigger. */
function useUp({ usedTokens }: Context, caller: Caller, sentence: string): Response | undefined {
  const token = caller.kind === "public" ? caller.oneTimeToken : undefined;
  if (token === undefined) return undefined;
  if (usedTokens.has(token)) return json({ error: sentence }, 422);
  usedTokens.add(token);
  return undefined;
}

/** A token for what was made, in the headers from which the SDK takes it; and the claims, for who signs for itself. */
async function delegate(
  { environment, clock }: Context,
  caller: Caller,
  scopes: readonly string[],
  claimed?: readonly string[],
): Promise<Record<string, string>> {
  const realtime = caller.kind === "public" && caller.skipColumns !== undefined
    ? { realtime: { skipColumns: caller.skipColumns } }
    : {};
  const claims = { sub: environment.id, pub: true, ...(claimed === undefined ? {} : { scopes: claimed }), ...realtime };
  const token = await mintPublicToken(environment, { scopes, now: clock(), claims: realtime });
  return { "x-trigger-jwt-claims": JSON.stringify(claims), "x-trigger-jwt": token };
}

export const retrieveBatch: Handler = async (context, { params, caller }) => {
  const batch = context.batches.find(params["batch"] ?? "");
  if (batch === undefined) return json({ error: "Not found" }, 404, { "x-should-retry": "true" });
  if (!may(caller, "read", [{ type: "batch", id: batch.id }, { type: "runs" }])) return forbidden();
  const { id, runCount, runIds, idempotencyKey, createdAt, updatedAt, sealedAt } = batch;
  const runs = runIds.filter((runId) => runId !== null);
  const isDone = sealedAt !== null && runs.every((runId) => context.runs.find(runId)?.completedAt != null);
  return json({
    id,
    status: isDone ? "COMPLETED" : sealedAt === null ? "PENDING" : "PROCESSING",
    ...(idempotencyKey === null ? {} : { idempotencyKey }),
    createdAt,
    updatedAt,
    processingCompletedAt: sealedAt ?? undefined,
    runCount,
    runs,
    processing: { completedAt: sealedAt ?? undefined, errors: [] },
  });
};
