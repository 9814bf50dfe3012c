/**
 * `paths`: whatever Trigger.dev takes for one of the judged routes, the proxy judges, however it is spelled.
 *
 * @module
 */
import { createForged } from "../creation.ts";
import type { Attempt, Inside } from "../inside.ts";
import {
  APPEND_TELL,
  appendTo,
  badToken,
  channelOf,
  CREATE,
  CREATE_TELL,
  messageOf,
  NO_CHAT,
  payloadOf,
} from "../requests.ts";
import { broken, type Check, holds, list, needsInside, type Verdict } from "../verdict.ts";
import { isLetThrough, letThrough, type World } from "../world.ts";

type Spelling = readonly [name: string, spell: (path: string) => string];

/** Changes the last segment. */
const last = (change: (segment: string) => string) => (path: string): string => path.replace(/[^/]+$/, change);

const hex = (letter: string): string => `%${letter.charCodeAt(0).toString(16)}`;

/** What Trigger.dev's own router takes for the route, and what something in between might. */
const SPELLINGS: readonly Spelling[] = [
  ["capitals", (path) => path.replace(/^\/(?:api|realtime)\/v1\/sessions/, (prefix) => prefix.toUpperCase())],
  ["a capital at the end", last((segment) => segment.slice(0, -1) + segment.at(-1)!.toUpperCase())],
  ["an escaped letter", last((segment) => segment.slice(0, -1) + hex(segment.at(-1)!))],
  ["an escaped letter first", (path) => `/${hex(path.charAt(1))}${path.slice(2)}`],
  ["dots", last((segment) => `./${segment}`)],
  ["a way back", (path) => `/x/..${path}`],
  ["an escaped way back", (path) => `/x/%2e%2e${path}`],
  ["a backslash", (path) => path.replace(/\/([^/]+)$/, "\\$1")],
  ["two slashes", (path) => path.replace(/\/([^/]+)$/, "//$1")],
  ["an escaped slash", (path) => path.replace(/\/([^/]+)$/, "%2f$1")],
  ["a slash at the end", (path) => `${path}/`],
  ["an escape of an escape", last((segment) => segment.slice(0, -1) + hex(segment.at(-1)!).replace("%", "%25"))],
  ["a parameter", (path) => `${path};a=b`],
  ["a query", (path) => `${path}?a=b`],
  ["a fragment", (path) => `${path}#a`],
];

export const paths: Check = {
  name: "paths",
  async judge(world) {
    const { inside, isEdgestamp, namespace } = world;
    if (!isEdgestamp && inside === undefined) return needsInside("Whether this proxy judges every spelling of a path");
    const byAnswer = isEdgestamp ? await unjudged(world) : [];
    const byRecord = inside === undefined || namespace === undefined ? [] : await forged(world, inside, namespace);
    return sum([...new Set([...byAnswer, ...byRecord])]);
  },
};

function sum(through: readonly string[]): Verdict {
  if (through.length > 0) {
    return broken(
      `Not judged, though Trigger.dev takes it for the route: ${
        list(through)
      }. Judge paths as its router reads them, and have nothing in front that rewrites them.`,
    );
  }
  return holds(`Each of ${SPELLINGS.length} spellings is judged like the plain one, or refused.`);
}

/** The spellings in which a call that is refused in its plain form is let through. */
async function unjudged(world: World): Promise<string[]> {
  const token = badToken(NO_CHAT);
  const put = { method: "PUT", path: channelOf(NO_CHAT, "in"), token };
  const calls = [
    { method: "POST", path: CREATE, token, body: CREATE_TELL },
    { method: "POST", path: appendTo(NO_CHAT), token, body: APPEND_TELL },
    // Where there is no guard, it goes through in its plain form, too: that is the row `credentials`.
    ...(isLetThrough(world, await world.wire.send(put)) ? [] : [put]),
  ];
  return await letThrough(
    world,
    calls.flatMap((call) => SPELLINGS.map(([name, spell]) => [name, { ...call, path: spell(call.path) }] as const)),
  );
}

/** The spellings by which a forged key arrived. */
async function forged(world: World, inside: Inside, namespace: string): Promise<string[]> {
  const { chat } = inside.session;
  const attempts = SPELLINGS.map(([name, spell]): Attempt => {
    const nonce = crypto.randomUUID();
    const body = messageOf(payloadOf(chat, { [namespace]: { forged: nonce } }));
    return { name, nonce, body, path: spell(appendTo(chat)) };
  });
  const appended = (await inside.deliver(attempts)).filter(({ isForged }) => isForged).map(({ attempt }) =>
    attempt.name
  );
  // One creation stands for all: each makes a session.
  const [name, spell] = SPELLINGS[0]!;
  const created = await createForged(world, inside, namespace, { path: spell(CREATE) });
  return created === "forged" ? [...appended, name] : appended;
}
