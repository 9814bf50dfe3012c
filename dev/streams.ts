/** Durable streams: numbered records that are kept, trimmed from the front, and followed live. */

import { createKeeping, type Keeping } from "./journal.ts";

/** One record as the store keeps it. Control and command records carry headers; data records do not. */
export interface StreamRecord {
  readonly seq: number;
  readonly timestamp: number;
  readonly body: string;
  readonly headers: readonly (readonly [string, string])[];
}

/** A record before it has its place in a stream. */
export interface Draft {
  readonly body: string;
  readonly headers?: readonly (readonly [string, string])[];
}

/** A stream of records that is kept. */
export interface Stream {
  /** The number that the next record will get. */
  readonly tail: number;
  append(draft: Draft): StreamRecord;
  /** Appends under an id that the client gives to the record. `undefined` when a record has that id already. */
  appendOnce(draft: Draft, partId: string): StreamRecord | undefined;
  /** Every record that is still kept, from `seq` on. */
  from(seq: number): readonly StreamRecord[];
  /** Drops what lies before `seq`. Never past the tail, never back. */
  trim(seq: number): void;
  /** Calls back once, when a record numbered `seq` or higher exists or the signal aborts. */
  wait(seq: number, signal: AbortSignal): Promise<void>;
}

/** Every stream there is, by name. */
export interface Streams {
  open(name: string): Stream;
}

/** What is written down of a stream. A record and its part id are one change: a crash keeps both, or neither. */
interface Change {
  readonly name: string;
  readonly record?: StreamRecord;
  readonly partId?: string;
  readonly trim?: number;
  /** Where numbering goes on, when the records before it are gone. */
  readonly tail?: number;
  readonly partIds?: readonly string[];
}

interface State {
  records: StreamRecord[];
  tail: number;
  readonly partIds: Set<string>;
  waiters: readonly { readonly seq: number; readonly wake: () => void }[];
}

export function createStreams(clock: () => Date, keeping: Keeping = createKeeping(undefined)): Streams {
  const states = new Map<string, State>();
  const state = (name: string): State => {
    let found = states.get(name);
    if (found === undefined) states.set(name, found = { records: [], tail: 0, partIds: new Set(), waiters: [] });
    return found;
  };
  const write = keeping.keep("streams", {
    replay: (change) => apply(state((change as Change).name), change as Change),
    changes: () => summarize(states),
  });
  return {
    open: (name) => openStream(state(name), clock, (change) => write({ name, ...change })),
  };
}

function apply(state: State, { record, partId, trim, tail, partIds = [] }: Omit<Change, "name">): void {
  if (record !== undefined) {
    state.records.push(record);
    state.tail = record.seq + 1;
  }
  if (partId !== undefined) state.partIds.add(partId);
  for (const id of partIds) state.partIds.add(id);
  if (tail !== undefined) state.tail = tail;
  if (trim !== undefined) state.records = state.records.filter(({ seq }) => seq >= Math.min(trim, state.tail));
}

function* summarize(states: ReadonlyMap<string, State>): Generator<Change> {
  for (const [name, { records, tail, partIds }] of states) {
    for (const record of records) yield { name, record };
    yield { name, tail, partIds: [...partIds] };
  }
}

function openStream(state: State, clock: () => Date, write: (change: Omit<Change, "name">) => void): Stream {
  const append = ({ body, headers = [] }: Draft, partId?: string): StreamRecord => {
    const record = { seq: state.tail, timestamp: clock().getTime(), body, headers };
    const change = { record, ...(partId === undefined ? {} : { partId }) };
    write(change);
    apply(state, change);
    const woken = state.waiters.filter(({ seq }) => seq < state.tail);
    state.waiters = state.waiters.filter(({ seq }) => seq >= state.tail);
    for (const { wake } of woken) wake();
    return record;
  };
  return {
    get tail() {
      return state.tail;
    },
    append: (draft) => append(draft),
    appendOnce: (draft, partId) => (state.partIds.has(partId) ? undefined : append(draft, partId)),
    // Numbers have no gaps, so a record's place follows from the first one that is kept.
    from: (seq) => state.records.slice(Math.max(0, seq - (state.records[0]?.seq ?? state.tail))),
    trim(seq) {
      write({ trim: seq });
      apply(state, { trim: seq });
    },
    wait: (seq, signal) => waitFor(state, seq, signal),
  };
}

function waitFor(state: State, seq: number, signal: AbortSignal): Promise<void> {
  if (seq < state.tail || signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const leave = () => {
      state.waiters = state.waiters.filter((other) => other !== waiter);
      resolve();
    };
    const wake = () => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    const waiter = { seq, wake };
    state.waiters = [...state.waiters, waiter];
    signal.addEventListener("abort", leave, { once: true });
  });
}

/** The name of a session's channel. The default pair has no channel name. */
export function streamName(sessionKey: string, io: string, channel?: string): string {
  return channel === undefined ? `/sessions/${sessionKey}/${io}` : `/sessions/${sessionKey}/channels/${channel}/${io}`;
}

/** The name of a run's stream. What is sent into a run lies beside what it writes, under a name that no task can take. */
export function runStreamName(runId: string, key: string, direction: "out" | "in" = "out"): string {
  return `/runs/${runId}/${direction === "in" ? `$trigger.input:${key}` : key}`;
}
