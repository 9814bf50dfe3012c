/** What every route works with. */

import type { Batches } from "./batches.ts";
import type { Ids } from "./ids.ts";
import type { Objects } from "./objects.ts";
import type { Run } from "./run.ts";
import type { Runs } from "./runs.ts";
import { addressingKey, type Session, type Sessions } from "./sessions.ts";
import type { Sign } from "./signer.ts";
import type { Store } from "./store.ts";
import type { Streams } from "./streams.ts";
import type { Caller, Environment, Resource } from "./tokens.ts";
import type { UsedTokens } from "./used_tokens.ts";
import type { Waitpoints } from "./waitpoints.ts";

/** An append that the upstream has stored. */
export interface AppendEvent {
  readonly session: Session;
  readonly io: "in" | "out";
  readonly channel: string | undefined;
  readonly seq: number;
  readonly partId: string;
  /** The body as it was stored. */
  readonly text: string;
}

/** What is told of creations and appends as they arrive. */
export interface Hooks {
  onCreate?(session: Session, isCached: boolean): void;
  onAppend?(event: AppendEvent): void;
}

export interface Context {
  readonly environment: Environment;
  readonly clock: () => Date;
  readonly ids: Ids;
  readonly sign: Sign;
  readonly sessions: Sessions;
  readonly streams: Streams;
  readonly runs: Runs;
  readonly batches: Batches;
  readonly waitpoints: Waitpoints;
  readonly usedTokens: UsedTokens;
  readonly store: Store;
  readonly objects: Objects;
  readonly hooks: Hooks;
  readonly closedAppend: 400 | 409;
  /** How long a live query of runs may wait for a change. */
  readonly livePollSeconds: number;
}

/** One call that passed authentication. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly params: Readonly<Record<string, string>>;
  readonly caller: Caller;
}

export type Handler = (context: Context, call: Call) => Promise<Response>;

/** Every name of a session that a scope may use: how it was addressed, its id, its `externalId`. */
export function sessionResources(addressed: string, session: Session | undefined): Resource[] {
  const names = new Set([addressed]);
  if (session !== undefined) names.add(session.id).add(addressingKey(session));
  return [...names].map((id) => ({ type: "sessions", id }));
}

/** Everything that a scope may name to reach a run: itself, its task, its tags, its batch. */
export function runResources(run: Run): Resource[] {
  return [
    { type: "runs", id: run.id },
    { type: "tasks", id: run.taskIdentifier },
    ...run.tags.map((id) => ({ type: "tags", id }) as const),
    ...(run.batchId === null ? [] : [{ type: "batch", id: run.batchId } as const]),
  ];
}
