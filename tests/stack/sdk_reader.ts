/**
 * How an agent reads what the stack accepted: with the SDK's own stream manager, router and packet parser, parsed as
 * often as any reader might; and once more as a reader would for whom the first of two equal keys counts.
 */
import { parsePacket, SessionChannelRouter } from "@trigger.dev/core/v3";
import { StandardSessionStreamManager } from "@trigger.dev/core/v3/workers";
import { isJson, read } from "../unit/properties/splice_model.ts";

/** How often a record may be parsed in all: once by the stream, once by `in.wait()`, and once more to be safe. */
const PARSES = 3;

/** The route table of a chat agent, as far as messages go. */
const TABLE = {
  kindOf: (data: unknown) => (data as { kind?: string } | null | undefined)?.kind,
  routes: [{ name: "messages", delivery: "queue", replayable: true, kinds: ["message"] } as const],
};

/** The payloads of the messages that some reader finds in a record of a session's `in`. */
export async function messagesIn(record: string): Promise<unknown[]> {
  const found: unknown[] = [];
  let data = await received(record);
  for (let parses = 1; parses <= PARSES; parses++) {
    found.push(...await routed(data));
    if (typeof data !== "string") break;
    try {
      data = await parsePacket({ data, dataType: "application/json" });
    } catch {
      break;
    }
  }
  const first = firstWins(record);
  if (isMessage(first)) found.push(first.payload);
  return found;
}

/** The record as it leaves the SDK's stream manager. */
async function received(record: string): Promise<unknown> {
  const client = {
    subscribeToSessionStream: (_session: string, _io: string, { onPart }: { onPart(part: object): void }) => {
      onPart({ id: "0", recordId: "part", chunk: record, timestamp: 1, headers: [] });
      return Promise.resolve((async function* () {})());
    },
  };
  const manager = new StandardSessionStreamManager(client as never, "http://stream.invalid");
  const result = await manager.onceRecord("session", "in");
  manager.disconnectStream("session", "in");
  if (!result.ok) throw result.error;
  return result.output.data;
}

async function routed(data: unknown): Promise<unknown[]> {
  const router = new SessionChannelRouter(TABLE);
  router.ingest({ id: "part", seqNum: 0, data });
  const record = await router.next("messages", { timeoutMs: 0 });
  return record === undefined ? [] : [(record.data as { payload: unknown }).payload];
}

function isMessage(value: unknown): value is { payload: unknown } {
  return typeof value === "object" && value !== null && (value as { kind?: unknown }).kind === "message";
}

/** A document as it reads where the first of two equal keys counts; `undefined` for what is no JSON. */
export function firstWins(text: string): unknown {
  return isJson(text) ? read(text, "first") : undefined;
}

/** Whether `key` is an object's key somewhere in a value, JSON inside strings included, to a depth of three. */
export function hasKey(value: unknown, key: string, depth = 3): boolean {
  if (typeof value === "string" && depth > 0) return hasKey(parsed(value), key, depth - 1);
  if (typeof value !== "object" || value === null) return false;
  return Object.hasOwn(value, key) || Object.values(value).some((inner) => hasKey(inner, key, depth));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
