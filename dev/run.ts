/** One run of a task: its row, and the words for how it is doing. */

/** As the API says it. `wireStatus` in `shape.ts` has the words of the realtime feed. */
export type RunStatus =
  | "DELAYED"
  | "QUEUED"
  | "EXECUTING"
  | "WAITING"
  | "COMPLETED"
  | "FAILED"
  | "CANCELED"
  | "CRASHED";

export const FINAL: readonly RunStatus[] = ["COMPLETED", "FAILED", "CANCELED", "CRASHED"];

/** A value on its way to or from a task: text, and how it is encoded. */
export interface Packet {
  readonly data: string | null;
  readonly dataType: string;
}

/** Why a run failed, as the SDK words it: thrown errors are `BUILT_IN_ERROR`, the platform's are `INTERNAL_ERROR`. */
export type RunError = { readonly type: string; readonly [detail: string]: unknown };

/** How a run ended. */
export type Outcome = { readonly ok: true; readonly output?: Packet } | {
  readonly ok: false;
  readonly error: RunError;
};

/** A run: what was asked, and how far it is. */
export interface Run {
  readonly id: string;
  readonly taskIdentifier: string;
  readonly status: RunStatus;
  /** What the task is called with. For a session's run, JSON. */
  readonly payload: Packet;
  readonly output: Packet | null;
  readonly error: RunError | null;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly tags: readonly string[];
  /** The session that scheduled the run, and what its streams and tokens are named after. */
  readonly sessionId: string | null;
  readonly sessionKey: string | null;
  readonly batchId: string | null;
  readonly batchIndex: number | null;
  readonly parentRunId: string | null;
  readonly rootRunId: string | null;
  /** Whether the parent waits for this run. */
  readonly resumesParent: boolean;
  readonly idempotencyKey: string | null;
  readonly idempotencyKeyExpiresAt: Date | null;
  /** The ids of the streams that the run writes. */
  readonly realtimeStreams: readonly string[];
  readonly maxAttempts: number | null;
  readonly attempts: number;
  readonly isTest: boolean;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly delayUntil: Date | null;
  readonly startedAt: Date | null;
  readonly completedAt: Date | null;
  /** Grows with every change of any run: what a subscriber has seen, and what is new to it. */
  readonly version: number;
  /** The `version` that the run began with. */
  readonly firstVersion: number;
}

/** What a run is made from; the rest is filled in. */
export type RunDraft = Pick<Run, "taskIdentifier" | "payload"> & Partial<Omit<Run, Filled>>;
type Filled = "id" | "status" | "createdAt" | "updatedAt" | "version" | "firstVersion";

export const DATES = [
  "idempotencyKeyExpiresAt",
  "createdAt",
  "updatedAt",
  "delayUntil",
  "startedAt",
  "completedAt",
] as const;

export function newRun(id: string, draft: RunDraft, now: Date, version: number): Run {
  const isDelayed = draft.delayUntil != null && draft.delayUntil > now;
  return {
    id,
    status: isDelayed ? "DELAYED" : "QUEUED",
    output: null,
    error: null,
    metadata: null,
    tags: [],
    sessionId: null,
    sessionKey: null,
    batchId: null,
    batchIndex: null,
    parentRunId: null,
    rootRunId: null,
    resumesParent: false,
    idempotencyKey: null,
    idempotencyKeyExpiresAt: null,
    realtimeStreams: [],
    maxAttempts: null,
    attempts: 0,
    isTest: false,
    createdAt: now,
    updatedAt: now,
    delayUntil: null,
    startedAt: null,
    completedAt: null,
    version,
    firstVersion: version,
    ...draft,
  };
}

export function isOver(run: Run): boolean {
  return FINAL.includes(run.status);
}

/** A packet's value as JSON. Superjson keeps it beside what JSON cannot say. Stored elsewhere, it has none. */
export function packetJson({ data, dataType }: Packet): unknown {
  if (data === null || dataType === "application/store") return undefined;
  if (dataType === "application/super+json") return (JSON.parse(data) as { json?: unknown }).json;
  return dataType === "application/json" ? JSON.parse(data) : data;
}

export function jsonPacket(value: unknown): Packet {
  return { data: value === undefined ? null : JSON.stringify(value), dataType: "application/json" };
}
