/**
 * The view from both sides: what the doctor sends through the proxy, and what of it arrived.
 *
 * @module
 */
import { appendTo, NO_CHAT } from "./requests.ts";
import { createUpstream, type Made, type Stored, type Upstream } from "./upstream.ts";
import { type Answer, eachOf, type Field, type Wire } from "./wire.ts";

/** One append. Its forged value holds `nonce`, which an honest proxy never lets through. */
export interface Attempt {
  readonly name: string;
  readonly nonce: string;
  readonly body: string | Uint8Array;
  /** Default: the chat's own, plainly spelled. */
  readonly path?: string;
  readonly fields?: readonly Field[];
  readonly chunked?: boolean;
}

/** What became of an append. */
export interface Delivered {
  readonly attempt: Attempt;
  readonly partId: string;
  readonly answer: Answer;
  /** The record as it is stored; `undefined` where none is. */
  readonly data: string | undefined;
  /** Whether the forged value is in it. */
  readonly isForged: boolean;
}

/** A session of the doctor's own, seen from both sides. */
export interface Inside {
  readonly upstream: Upstream;
  readonly session: Made;
  /** The task that the doctor's sessions are of. */
  readonly task: string;
  readonly secretKey: string;
  /** Appends through the proxy with the session's public token, and reads upstream what arrived. */
  deliver(attempts: readonly Attempt[]): Promise<readonly Delivered[]>;
  /** A name for another session, which is ended with the rest. */
  nextChat(): string;
  /** Ends every session. */
  close(): Promise<void>;
}

export interface InsideOptions {
  readonly upstream: URL;
  readonly secretKey: string;
  readonly task: string;
}

/** Makes a session around the proxy. Throws `Unusable` where the upstream or the key cannot be used. */
export async function goInside(wire: Wire, options: InsideOptions, signal: AbortSignal): Promise<Inside> {
  const { task, secretKey } = options;
  const upstream = createUpstream(options.upstream, secretKey, task, signal);
  const chats: string[] = [];
  const nextChat = (): string => {
    const chat = `${NO_CHAT}-${crypto.randomUUID()}`;
    chats.push(chat);
    return chat;
  };
  const session = await upstream.make(nextChat()).catch(async (error: unknown) => {
    // What was asked for before the time was up may have been made all the same.
    if (signal.aborted) await Promise.all(chats.map((chat) => upstream.end(chat)));
    throw error;
  });
  return {
    upstream,
    session,
    task,
    secretKey,
    nextChat,
    async deliver(attempts) {
      const sent = await eachOf(attempts, (attempt) => append(wire, session, attempt));
      const stored = await upstream.records(session.id) ?? [];
      return sent.map((one) => ({ ...one, ...find(stored, one.partId, one.attempt.nonce) }));
    },
    close: async () => void await Promise.all(chats.map((chat) => upstream.end(chat))),
  };
}

async function append(
  wire: Wire,
  { chat, token }: Made,
  attempt: Attempt,
): Promise<Pick<Delivered, "attempt" | "partId" | "answer">> {
  const { path = appendTo(chat), body, fields = [["Content-Type", "application/json"]], chunked = false } = attempt;
  const partId = crypto.randomUUID();
  const all: readonly Field[] = [...fields, ["X-Part-Id", partId]];
  return { attempt, partId, answer: await wire.send({ path, body, token, fields: all, chunked }) };
}

function find(stored: readonly Stored[], partId: string, nonce: string): Pick<Delivered, "data" | "isForged"> {
  const record = stored.find(({ id }) => id === partId);
  if (record === undefined) return { data: undefined, isForged: false };
  const data = typeof record.data === "string" ? record.data : JSON.stringify(record.data);
  return { data, isForged: data.includes(nonce) };
}
