/** What triggering a task accepts. Unknown keys are dropped, as the server drops them. */

import * as v from "valibot";

const tag = v.pipe(v.string(), v.maxLength(128));
export const tags = v.pipe(
  v.union([tag, v.array(tag)]),
  v.transform((given) => (typeof given === "string" ? [given] : given)),
);
const key = v.pipe(v.string(), v.maxLength(2048, "idempotencyKey must be 2048 characters or less"));
const record = v.record(v.string(), v.unknown());

const options = v.object({
  payloadType: v.optional(v.string()),
  idempotencyKey: v.optional(key),
  idempotencyKeyTTL: v.optional(v.string()),
  tags: v.optional(v.pipe(tags, v.maxLength(10))),
  metadata: v.optional(v.nullable(v.union([record, v.string()]))),
  delay: v.optional(v.string()),
  maxAttempts: v.optional(v.pipe(v.number(), v.integer())),
  parentRunId: v.optional(v.string()),
  resumeParentOnCompletion: v.optional(v.boolean()),
  test: v.optional(v.boolean()),
});

export const triggerSchema = v.object({ payload: v.optional(v.unknown()), options: v.optional(options) });

export const batchSchema = v.object({
  runCount: v.pipe(v.number(), v.integer(), v.minValue(1, "runCount must be a positive integer"), v.maxValue(1000)),
  taskIdentifiers: v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1))),
  parentRunId: v.optional(v.string()),
  resumeParentOnCompletion: v.optional(v.boolean()),
  idempotencyKey: v.optional(key),
});

export const batchItemSchema = v.object({
  index: v.pipe(v.number(), v.integer(), v.minValue(0)),
  task: v.string(),
  payload: v.optional(v.unknown()),
  options: v.optional(options),
});

export const tagsSchema = v.object({ tags });

export const waitTokenSchema = v.object({
  idempotencyKey: v.optional(key),
  idempotencyKeyTTL: v.optional(v.string()),
  timeout: v.optional(v.string()),
  tags: v.optional(v.pipe(tags, v.maxLength(10))),
});

export const completeSchema = v.object({ data: v.optional(v.unknown()) });
export const durationSchema = v.object({
  date: v.string(),
  idempotencyKey: v.optional(key),
  idempotencyKeyTTL: v.optional(v.string()),
});
export const inputStreamWaitSchema = v.object({
  ...waitTokenSchema.entries,
  streamId: v.string(),
  lastSeqNum: v.optional(v.number()),
});
export const inputStreamSchema = v.object({ data: v.unknown() });

export type TriggerBody = v.InferOutput<typeof triggerSchema>;
export type BatchBody = v.InferOutput<typeof batchSchema>;
export type BatchItem = v.InferOutput<typeof batchItemSchema>;
