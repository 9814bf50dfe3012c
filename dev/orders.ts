/** What is said between the upstream and the threads that execute its runs. */

import type { Observation, Observe } from "./observations.ts";
import type { Outcome, Packet } from "./run.ts";
import type { CompletedWaitpoint } from "./runs.ts";

/** What a thread is told when it starts. */
export interface WorkerSetup {
  readonly secretKey: string;
  readonly namespace: string;
  /** The module that defines the tasks, as an absolute URL. */
  readonly tasks: string;
}

/** What a thread needs to know of a run. */
export interface Order {
  readonly runId: string;
  readonly taskIdentifier: string;
  readonly apiUrl: string;
  readonly payload: Packet;
  /** Where it is not `null`, the run is a session's, a chat: it has a turn loop, and its session's streams. */
  readonly sessionKey: string | null;
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly maxAttempts: number | null;
  readonly parentRunId: string | null;
  readonly rootRunId: string | null;
  readonly createdAt: Date;
}

export type ToWorker = { readonly order: Order } | { readonly cancel: true } | {
  readonly waitpoint: CompletedWaitpoint;
};
export type FromWorker =
  | { readonly observation: Observation }
  | { readonly isWaiting: boolean }
  | { readonly attempt: number }
  /** The run is over, and whether the thread may take another. */
  | { readonly outcome: Outcome; readonly isReusable: boolean };

/** What a module of tasks may export: it is called once, before the first run. The demo's does. */
export type Register = (context: { readonly namespace: string; readonly observe: Observe }) => void;
