/**
 * What the checks work with: the proxy, what was found out about it, and, with a secret key, a session of the doctor's own.
 *
 * @module
 */
import { Unusable } from "../terminal.ts";
import type { DoctorOptions } from "./options.ts";
import { type Delivered, goInside, type Inside } from "./inside.ts";
import {
  APPEND_TELL,
  appendTo,
  badToken,
  channelOf,
  messageOf,
  namespaceTell,
  NO_CHAT,
  payloadOf,
} from "./requests.ts";
import { type Answer, eachOf, parseJson, type Sent, type Wire } from "./wire.ts";

export interface World {
  readonly wire: Wire;
  readonly options: DoctorOptions;
  /** The answer to a message with a token that no upstream accepts. */
  readonly opening: Answer;
  /** Whether it judges the routes as edgestamp does. */
  readonly isEdgestamp: boolean;
  /** The key that it writes; `undefined` where that could not be found out. */
  readonly namespace: string | undefined;
  /** With what status the upstream turns a bad token away: who gets it was let through. */
  readonly turnedAway: number;
  readonly inside: Inside | undefined;
  /** The first message that was sent with a good token, with every key forged that may be the namespace. */
  readonly first: Delivered | undefined;
}

const USUAL = ["__edge", "__cf", "__trust"];

/** Meets the proxy. Throws `Unusable` where it cannot be reached, or what the doctor was given cannot be used. */
export async function meet(wire: Wire, options: DoctorOptions, signal: AbortSignal): Promise<World> {
  const token = badToken(NO_CHAT);
  const opening = await wire.send({ path: appendTo(NO_CHAT), token, body: messageOf(payloadOf(NO_CHAT, {})) });
  if (opening.status === 0) throw new Unusable(`Cannot reach ${wire.url.origin}: ${unreached(opening)}`);
  if (opening.code === "edge_path_outside") {
    throw new Unusable("Cannot use this URL: the proxy is mounted below a path, so give the URL with that path");
  }
  const told = await wire.send({ path: appendTo(NO_CHAT), token, body: APPEND_TELL });
  const read = await wire.send({ path: `${channelOf(NO_CHAT, "in")}/records`, token });
  const { secretKey, upstream, task } = options;
  const inside = secretKey === undefined ? undefined : await goInside(wire, { secretKey, upstream, task }, signal);
  const candidates = options.namespace === undefined ? USUAL : [options.namespace];
  const first = inside === undefined ? undefined : await sendFirst(inside, candidates);
  return {
    wire,
    options,
    opening,
    isEdgestamp: told.code === "edge_key_repeated",
    namespace: options.namespace ?? await seenNamespace(wire, token) ?? (first && writtenNamespace(first, candidates)),
    turnedAway: read.code === undefined && read.status >= 400 ? read.status : 401,
    inside,
    first,
  };
}

function unreached({ failure, reason }: Answer): string {
  if (failure === "late") return "it did not answer in time; check the URL, or give more with --timeout";
  return `${reason}; check the URL, and that the proxy runs`;
}

async function sendFirst(inside: Inside, candidates: readonly string[]): Promise<Delivered | undefined> {
  const nonce = crypto.randomUUID();
  const metadata = { userId: NO_CHAT, ...Object.fromEntries(candidates.map((key) => [key, { forged: nonce }])) };
  const body = messageOf(payloadOf(inside.session.chat, metadata));
  return (await inside.deliver([{ name: "a forged key", nonce, body }]))[0];
}

/** The namespace as its refusals tell it. */
async function seenNamespace(wire: Wire, token: string): Promise<string | undefined> {
  for (const namespace of USUAL) {
    const { code } = await wire.send({ path: appendTo(NO_CHAT), token, body: namespaceTell(namespace) });
    if (code === "edge_key_repeated") return namespace;
  }
  return undefined;
}

/** The namespace as what arrived tells it: the key that does not hold what was sent under it. */
function writtenNamespace({ data, attempt }: Delivered, candidates: readonly string[]): string | undefined {
  const metadata = metadataOf(data);
  return candidates.find((key) =>
    Object.hasOwn(metadata ?? {}, key) && !JSON.stringify(metadata?.[key]).includes(attempt.nonce)
  );
}

/** The metadata of a stored message. */
export function metadataOf(data: string | undefined): Record<string, unknown> | undefined {
  const payload = parseJson(data ?? "")?.["payload"] as Record<string, unknown> | undefined;
  const metadata = payload?.["metadata"];
  return typeof metadata === "object" && metadata !== null ? metadata as Record<string, unknown> : undefined;
}

/** Whether a request was let through to Trigger.dev, as far as its answer tells. */
export function isLetThrough({ turnedAway }: World, { status, code }: Answer): boolean {
  return code === undefined && (status === turnedAway || (status >= 200 && status < 300));
}

/** The names of those of `calls` that are let through, each once. */
export async function letThrough(
  world: World,
  calls: readonly (readonly [name: string, request: Sent])[],
): Promise<string[]> {
  const names = await eachOf(
    calls,
    async ([name, request]) => isLetThrough(world, await world.wire.send(request)) ? [name] : [],
  );
  return [...new Set(names.flat())];
}

/** Whether the proxy itself refused a request for what it is. */
export function isRefused({ code, status }: Answer): boolean {
  return code !== undefined && status < 500;
}
