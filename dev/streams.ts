/** Durable streams in memory: numbered records that are kept, trimmed from the front, and followed live. */

/** One record as the store keeps it. Control and command records carry headers; data records do not. */
export interface StreamRecord {
  readonly seq: number;
  readonly timestamp: number;
  readonly body: string;
  readonly headers: readonly (readonly [string, string])[];
}

export interface Draft {
  readonly body: string;
  readonly headers?: readonly (readonly [string, string])[];
}

export interface Stream {
  /** The number that the next record will get. */
  readonly tail: number;
  append(draft: Draft): StreamRecord;
  /** Takes an id that clients give to a record. False when it was taken before. */
  claim(partId: string): boolean;
  /** Every record that is still kept, from `seq` on. */
  from(seq: number): readonly StreamRecord[];
  /** Drops what lies before `seq`. Never past the tail, never back. */
  trim(seq: number): void;
  /** Calls back once, when a record numbered `seq` or higher exists or the signal aborts. */
  wait(seq: number, signal: AbortSignal): Promise<void>;
}

export interface Streams {
  open(name: string): Stream;
}

export function createStreams(clock: () => Date): Streams {
  const streams = new Map<string, Stream>();
  return {
    open(name) {
      let stream = streams.get(name);
      if (stream === undefined) streams.set(name, (stream = createStream(clock)));
      return stream;
    },
  };
}

function createStream(clock: () => Date): Stream {
  let records: StreamRecord[] = [];
  let tail = 0;
  const claimed = new Set<string>();
  let waiters: { seq: number; wake: () => void }[] = [];
  return {
    get tail() {
      return tail;
    },
    append(draft) {
      const record = { seq: tail++, timestamp: clock().getTime(), body: draft.body, headers: draft.headers ?? [] };
      records.push(record);
      const woken = waiters.filter((waiter) => waiter.seq < tail);
      waiters = waiters.filter((waiter) => waiter.seq >= tail);
      for (const waiter of woken) waiter.wake();
      return record;
    },
    claim(partId) {
      const isNew = !claimed.has(partId);
      claimed.add(partId);
      return isNew;
    },
    // Numbers have no gaps, so a record's place follows from the first one that is kept.
    from: (seq) => records.slice(Math.max(0, seq - (records[0]?.seq ?? tail))),
    trim(seq) {
      records = records.filter((record) => record.seq >= Math.min(seq, tail));
    },
    wait(seq, signal) {
      if (seq < tail || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const waiter = { seq, wake: resolve };
        waiters.push(waiter);
        signal.addEventListener("abort", () => {
          waiters = waiters.filter((other) => other !== waiter);
          resolve();
        }, { once: true });
      });
    },
  };
}

/** The name of a session's channel. The default pair has no channel name. */
export function streamName(sessionKey: string, io: string, channel?: string): string {
  return channel === undefined ? `/sessions/${sessionKey}/${io}` : `/sessions/${sessionKey}/channels/${channel}/${io}`;
}
