/**
 * `bodies`: no way of writing a body brings a key past the proxy that a reader would find.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { createForged } from "../creation.ts";
import type { Attempt, Inside } from "../inside.ts";
import { APPEND_TELL, appendTo, badToken, escapedKey, messageOf, NO_CHAT, payloadOf } from "../requests.ts";
import { broken, type Check, holds, list, needsInside, type Verdict } from "../verdict.ts";
import type { Field, Sent } from "../wire.ts";
import { letThrough, type World } from "../world.ts";

/** A way to write a body: what it makes of a plain one, and how it is sent. */
interface Way {
  readonly name: string;
  readonly write?: (plain: string) => string | Uint8Array;
  readonly fields?: readonly Field[];
  readonly chunked?: boolean;
  /** What edgestamp refuses in this way; absent where it refuses what it would in the plain one. */
  readonly tell?: string;
}

const bytes = (...parts: (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(parts.map((part) => typeof part === "string" ? Buffer.from(part) : Buffer.from(part)));
const BOM = [0xef, 0xbb, 0xbf] as const;
const string = (text: string): string => JSON.stringify(text);

/** `{` plain `}` with a member before all others. */
const before = (member: string) => (plain: string): string => `{${member},${plain.slice(1)}`;

const MESSAGE = '{"kind":"message","payload":{"metadata":{}}}';

const WAYS: readonly Way[] = [
  { name: "a byte order mark", write: (plain) => bytes(BOM, plain) },
  { name: "two byte order marks", write: (plain) => bytes(BOM, BOM, plain) },
  { name: "a message in a string", write: string, tell: string(MESSAGE) },
  { name: "a message in a string in a string", write: (plain) => string(string(plain)), tell: string(string(MESSAGE)) },
  { name: "a kind twice", write: before('"kind":"stop"') },
  { name: "a payload twice", write: before('"payload":{}') },
  { name: "a payload twice, in escapes", write: before(`${escapedKey("payload")}:{}`) },
  {
    name: "keys in escapes",
    write: (plain) => plain.replace('"kind"', escapedKey("kind")).replace('"metadata"', escapedKey("metadata")),
  },
  { name: "a value in escapes", write: (plain) => plain.replace('"message"', escapedKey("message")) },
  { name: "white space first", write: (plain) => ` \r\n\t${plain}` },
  { name: "a prototype", write: before('"__proto__":{}'), tell: '{"kind":"message","payload":{"__proto__":{}}}' },
  { name: "deep nesting", write: before(`"x":${"[".repeat(5_000)}${"]".repeat(5_000)}`) },
  { name: "bytes that are not UTF-8", write: (plain) => bytes(plain.slice(0, -1), ',"x":"', [0xff], '"}') },
  { name: "UTF-16", write: (plain) => bytes([0xff, 0xfe], [...Buffer.from(plain, "utf16le")]) },
  { name: "gzip", write: (plain) => gzipSync(plain), fields: [["Content-Encoding", "gzip"]] },
  { name: "another content type", fields: [["Content-Type", "text/plain"]] },
  { name: "no content type", fields: [] },
  { name: "chunks", chunked: true },
];

export const bodies: Check = {
  name: "bodies",
  async judge(world) {
    const { inside, isEdgestamp, namespace } = world;
    if (!isEdgestamp && inside === undefined) return needsInside("Whether this proxy reads bodies as Trigger.dev does");
    const byAnswer = isEdgestamp ? await unjudged(world) : [];
    const byRecord = inside === undefined || namespace === undefined ? [] : await forged(world, inside, namespace);
    return sum([...new Set([...byAnswer, ...byRecord])]);
  },
};

function sum(through: readonly string[]): Verdict {
  if (through.length === 0) return holds(`Each of ${WAYS.length} ways to write a body is stamped or refused.`);
  return broken(
    `A key gets past the proxy by ${list(through)}: judge bodies as Trigger.dev and its readers parse them.`,
  );
}

/** The ways in which what edgestamp refuses is let through. */
function unjudged(world: World): Promise<string[]> {
  const token = badToken(NO_CHAT);
  const calls = WAYS.map((way): [string, Sent] => {
    const body = way.tell ?? way.write?.(APPEND_TELL) ?? APPEND_TELL;
    return [way.name, { path: appendTo(NO_CHAT), token, body, ...sending(way) }];
  });
  return letThrough(world, calls);
}

/** The ways by which a forged key arrived, for a reader of the records to find. */
async function forged(world: World, inside: Inside, namespace: string): Promise<string[]> {
  const { chat } = inside.session;
  const attempts = WAYS.map((way): Attempt => {
    const nonce = crypto.randomUUID();
    const plain = messageOf(payloadOf(chat, { [namespace]: { forged: nonce } }));
    return { name: way.name, nonce, body: way.write?.(plain) ?? plain, ...sending(way) };
  });
  const appended = (await inside.deliver(attempts)).filter(({ isForged }) => isForged).map(({ attempt }) =>
    attempt.name
  );
  // One creation stands for all: each makes a session.
  const [{ name, write }] = WAYS as [Way];
  const created = await createForged(world, inside, namespace, { ...(write && { write }) });
  return created === "forged" ? [...appended, name] : appended;
}

function sending({ fields, chunked }: Way): Pick<Sent, "fields" | "chunked"> {
  return { ...(fields !== undefined && { fields }), ...(chunked !== undefined && { chunked }) };
}
