/** What every route works with. */

import { json } from "./answers.ts";
import type { Ids } from "./ids.ts";
import type { Objects } from "./objects.ts";
import type { Runs } from "./runs.ts";
import { addressingKey, type Session, type Sessions } from "./sessions.ts";
import type { Store } from "./store.ts";
import type { Streams } from "./streams.ts";
import type { Caller, Environment, Resource } from "./tokens.ts";

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

export interface Hooks {
  onCreate?(session: Session, isCached: boolean): void;
  onAppend?(event: AppendEvent): void;
}

export interface Context {
  readonly environment: Environment;
  readonly clock: () => Date;
  readonly ids: Ids;
  readonly sessions: Sessions;
  readonly streams: Streams;
  readonly runs: Runs;
  readonly store: Store;
  readonly objects: Objects;
  readonly hooks: Hooks;
  readonly closedAppend: 400 | 409;
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

/** The server's size check looks at the header alone, so a chunked body is too large. */
export function tooLarge(request: Request, limitBytes: number): Response | undefined {
  const length = request.headers.get("content-length");
  const fits = length !== null && length !== "" && Number.parseInt(length, 10) <= limitBytes;
  return fits ? undefined : json({ error: "Request body too large" }, 413);
}
