/** What `POST /api/v1/sessions` accepts. Unknown keys are dropped, as the server drops them. */

import * as v from "valibot";

type Json = Record<string, unknown>;

/** How a session's runs are started. */
export interface TriggerConfig {
  basePayload: Json;
  machine?: string | undefined;
  queue?: string | undefined;
  tags?: string[] | undefined;
  maxAttempts?: number | undefined;
  maxDuration?: number | undefined;
  lockToVersion?: string | undefined;
  externalDeploymentId?: string | undefined;
  region?: string | undefined;
  idleTimeoutInSeconds?: number | undefined;
}

export interface CreateBody {
  type: string;
  externalId?: string | undefined;
  taskIdentifier: string;
  triggerConfig: TriggerConfig;
  tags?: string[] | undefined;
  metadata?: Json | undefined;
  /** As it was sent: whatever `Date.parse` reads. */
  expiresAt?: string | undefined;
}

export interface UpdateBody {
  tags?: string[] | undefined;
  metadata?: Json | null | undefined;
  externalId?: string | null | undefined;
}

export interface CloseBody {
  reason?: string | undefined;
  callingRunId?: string | undefined;
}

export interface EndAndContinueBody {
  callingRunId: string;
  reason: string;
  externalDeploymentId?: string | undefined;
}

const tags = v.pipe(v.array(v.pipe(v.string(), v.maxLength(128))), v.maxLength(10));
const externalId = v.pipe(
  v.string(),
  v.trim(),
  v.minLength(1),
  v.maxLength(256),
  v.check((id) => !id.startsWith("session_"), "externalId cannot start with 'session_'"),
);
const noArray = v.check((value) => !Array.isArray(value), "Expected object, received array");
const record = v.pipe(v.unknown(), noArray, v.record(v.string(), v.unknown()));

const triggerConfigSchema = v.object({
  basePayload: record,
  machine: v.optional(v.string()),
  queue: v.optional(v.pipe(v.string(), v.maxLength(128))),
  tags: v.optional(tags),
  maxAttempts: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(10))),
  maxDuration: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1))),
  lockToVersion: v.optional(v.string()),
  externalDeploymentId: v.optional(v.string()),
  region: v.optional(v.string()),
  idleTimeoutInSeconds: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(3600))),
});

export const createSchema: v.GenericSchema<unknown, CreateBody> = v.object({
  type: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  externalId: v.optional(externalId),
  taskIdentifier: v.pipe(v.string(), v.minLength(1), v.maxLength(128)),
  triggerConfig: triggerConfigSchema,
  tags: v.optional(tags),
  metadata: v.optional(record),
  expiresAt: v.optional(v.pipe(v.string(), v.check((date) => !Number.isNaN(Date.parse(date)), "expiresAt is no date"))),
});

export const updateSchema: v.GenericSchema<unknown, UpdateBody> = v.object({
  tags: v.optional(tags),
  metadata: v.optional(v.nullable(record)),
  externalId: v.optional(v.nullable(externalId)),
});

export const closeSchema: v.GenericSchema<unknown, CloseBody> = v.object({
  reason: v.optional(v.pipe(v.string(), v.maxLength(256))),
  callingRunId: v.optional(v.string()),
});

export const endAndContinueSchema: v.GenericSchema<unknown, EndAndContinueBody> = v.object({
  callingRunId: v.string(),
  reason: v.pipe(v.string(), v.maxLength(64)),
  externalDeploymentId: v.optional(v.string()),
});
