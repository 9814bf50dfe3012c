/** What triggering a task accepts. Unknown keys are dropped, as the server drops them. */

import * as v from "valibot";

type Json = Record<string, unknown>;

export interface TriggerOptions {
  payloadType?: string | undefined;
  idempotencyKey?: string | undefined;
  idempotencyKeyTTL?: string | undefined;
  tags?: string[] | undefined;
  metadata?: Json | string | null | undefined;
  delay?: string | undefined;
  maxAttempts?: number | undefined;
  parentRunId?: string | undefined;
  resumeParentOnCompletion?: boolean | undefined;
  test?: boolean | undefined;
}

export interface TriggerBody {
  payload?: unknown;
  options?: TriggerOptions | undefined;
}

export interface BatchBody {
  runCount: number;
  taskIdentifiers?: string[] | undefined;
  parentRunId?: string | undefined;
  resumeParentOnCompletion?: boolean | undefined;
  idempotencyKey?: string | undefined;
}

export interface BatchItem extends TriggerBody {
  index: number;
  task: string;
}

interface Idempotent {
  idempotencyKey?: string | undefined;
  idempotencyKeyTTL?: string | undefined;
}

export interface WaitTokenBody extends Idempotent {
  timeout?: string | undefined;
  tags?: string[] | undefined;
}

export interface DurationBody extends Idempotent {
  date: string;
}

export interface InputStreamWaitBody extends WaitTokenBody {
  streamId: string;
  lastSeqNum?: number | undefined;
}

const tag = v.pipe(v.string(), v.maxLength(128));
const tags = v.pipe(
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

export const triggerSchema: v.GenericSchema<unknown, TriggerBody> = v.object({
  payload: v.optional(v.unknown()),
  options: v.optional(options),
});

export const batchSchema: v.GenericSchema<unknown, BatchBody> = v.object({
  runCount: v.pipe(v.number(), v.integer(), v.minValue(1, "runCount must be a positive integer"), v.maxValue(1000)),
  taskIdentifiers: v.optional(v.pipe(v.array(v.pipe(v.string(), v.minLength(1))), v.minLength(1))),
  parentRunId: v.optional(v.string()),
  resumeParentOnCompletion: v.optional(v.boolean()),
  idempotencyKey: v.optional(key),
});

export const batchItemSchema: v.GenericSchema<unknown, BatchItem> = v.object({
  index: v.pipe(v.number(), v.integer(), v.minValue(0)),
  task: v.string(),
  payload: v.optional(v.unknown()),
  options: v.optional(options),
});

export const tagsSchema: v.GenericSchema<unknown, { tags: string[] }> = v.object({ tags });

const waitToken = {
  idempotencyKey: v.optional(key),
  idempotencyKeyTTL: v.optional(v.string()),
  timeout: v.optional(v.string()),
  tags: v.optional(v.pipe(tags, v.maxLength(10))),
};

export const waitTokenSchema: v.GenericSchema<unknown, WaitTokenBody> = v.object(waitToken);

export const completeSchema: v.GenericSchema<unknown, { data?: unknown }> = v.object({ data: v.optional(v.unknown()) });
export const durationSchema: v.GenericSchema<unknown, DurationBody> = v.object({
  date: v.string(),
  idempotencyKey: v.optional(key),
  idempotencyKeyTTL: v.optional(v.string()),
});
export const inputStreamWaitSchema: v.GenericSchema<unknown, InputStreamWaitBody> = v.object({
  ...waitToken,
  streamId: v.string(),
  lastSeqNum: v.optional(v.number()),
});
export const inputStreamSchema: v.GenericSchema<unknown, { data: unknown }> = v.object({ data: v.unknown() });
