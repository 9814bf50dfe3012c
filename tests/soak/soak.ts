/**
 * A long run with faults on both sides of every proxy at once, and the judgement of it: what was answered
 * `ok` is upstream once, in order for each chat, stamped; what was said was heard once and in order.
 */
import { CHAT, createBody } from "../conformance/requests.ts";
import { complaints } from "../conformance/runtimes.ts";
import { type Runtime, startProxies } from "../conformance/servers.ts";
import { eventually, settle } from "../conformance/uploads.ts";
import { mintPublicToken } from "../../dev/tokens.ts";
import { NAMESPACE, SIGNALS } from "../runtime/signals.ts";
import { type Heard, keepReading, keepSending, type Place, type Sent } from "./chat.ts";
import { type FaultyUpstream, startFaulty } from "./faulty_upstream.ts";
import { drawsOf } from "./random.ts";

/** How long, how much, and by which seed. */
export interface Soak {
  readonly seconds: number;
  readonly seed: string;
  readonly runtimes: readonly Runtime[];
  readonly chatsEach: number;
}

/** What came of it. */
export interface Soaked {
  /** Everything that should not be; empty where all is well. */
  readonly complaints: readonly string[];
  readonly answered: number;
  readonly unanswered: number;
  readonly heard: number;
  readonly befell: Readonly<Record<string, number>>;
}

/** How long the proxies wait for an answer here: short, so that many waits fit in. */
const UPSTREAM_TIMEOUT_MS = 1_500;

/** How long the last messages and records may take, once nothing fails any more. */
const CALM_MS = 20_000;

/** Runs it. */
export async function soak({ seconds, seed, runtimes, chatsEach }: Soak): Promise<Soaked> {
  const draws = drawsOf(seed);
  const faulty = await startFaulty(draws);
  const options = { soaked: { upstream: faulty.origin, limits: { upstreamTimeoutMs: UPSTREAM_TIMEOUT_MS } } };
  const proxies = await Promise.all(runtimes.map((runtime) => startProxies(runtime, options)));
  const befell: Record<string, number> = {};
  const places = await Promise.all(
    proxies.flatMap(({ ports }, i) =>
      Array.from({ length: chatsEach }, async (_, n): Promise<Place> => {
        const id = `${runtimes[i]}-${n}`;
        return { id, port: ports["soaked"]!, token: await openChat(faulty, id), draws, befell };
      })
    ),
  );
  let isOver = false;
  let isDone = false;
  const heard = places.map((): Heard => ({ next: 0, complaint: undefined }));
  const sending = places.map((place) => keepSending(place, () => isOver, () => isOver));
  const reading = places.map((place, i) => keepReading(place, heard[i]!, () => isDone, () => isOver));
  const talking = places.map(({ id }) => talk(faulty, id, () => isOver, (n) => draws.between(5, 200, "talk", id, n)));
  await Promise.race([restarts(faulty, () => isOver, draws), settle(seconds * 1000)]);
  isOver = true;
  faulty.calm();
  const [sent] = await Promise.all([Promise.all(sending), Promise.all(talking)]);
  const hasHeardAll = (i: number): boolean => heard[i]!.next === outOf(faulty, places[i]!.id).tail;
  await eventually(
    () => places.every((_, i) => hasHeardAll(i) || heard[i]!.complaint !== undefined),
    CALM_MS,
    "all is heard",
  )
    .catch(() => {});
  isDone = true;
  await Promise.all(reading);
  const found = [
    ...places.flatMap(({ id }, i) => judge(faulty, id, sent[i]!)),
    ...places.flatMap(({ id }, i) => heard[i]!.complaint === undefined ? [] : [`${id}: ${heard[i]!.complaint}`]),
    ...places.flatMap(({ id }, i) =>
      hasHeardAll(i) ? [] : [`${id}: ${heard[i]!.next} of ${outOf(faulty, id).tail} records were heard`]
    ),
    ...proxies.flatMap((proxy, i) => [
      ...(proxy.isAlive() ? [] : [`${runtimes[i]} ended`]),
      ...complaints(runtimes[i]!, proxy.stderr()).map((line) => `${runtimes[i]}: ${line}`),
    ]),
  ];
  await Promise.all(proxies.map((proxy) => proxy.stop()));
  faulty.close();
  const all = sent.flat();
  const answered = all.filter(({ isAnswered }) => isAnswered).length;
  return {
    complaints: found,
    answered,
    unanswered: all.length - answered,
    heard: heard.reduce((sum, { next }) => sum + next, 0),
    befell: { ...befell, ...faulty.befell },
  };
}

/** Creates a chat upstream, and mints its browser's token, for longer than any run. */
async function openChat({ upstream }: FaultyUpstream, id: string): Promise<string> {
  const { environment } = upstream;
  const body = createBody("{}").replaceAll(CHAT, id);
  const headers = {
    authorization: `Bearer ${environment.secretKey}`,
    "content-type": "application/json",
    "content-length": String(body.length),
  };
  const response = await upstream.fetch(
    new Request("http://upstream.test/api/v1/sessions", { method: "POST", headers, body }),
  );
  if (!response.ok) throw new Error(`the chat could not be created: ${response.status} ${await response.text()}`);
  const scopes = [`read:sessions:${id}`, `write:sessions:${id}`];
  return mintPublicToken(environment, { scopes, now: new Date(), expiresAt: "100h" });
}

const outOf = ({ upstream }: FaultyUpstream, id: string) => upstream.streams.open(`/sessions/${id}/out`);

/** Says one thing after another in a chat. */
async function talk(
  faulty: FaultyUpstream,
  id: string,
  isOver: () => boolean,
  pauseMs: (n: number) => number,
): Promise<void> {
  const out = outOf(faulty, id);
  while (!isOver()) {
    out.append({ body: JSON.stringify({ data: out.tail, id: `${id}-${out.tail}` }) });
    await settle(pauseMs(out.tail));
  }
}

/** Restarts the upstream now and then. */
async function restarts(
  faulty: FaultyUpstream,
  isOver: () => boolean,
  draws: ReturnType<typeof drawsOf>,
): Promise<void> {
  for (let n = 0; !isOver(); n++) {
    await settle(draws.between(4_000, 12_000, "up", n));
    if (!isOver()) await faulty.restart(draws.between(20, 900, "down", n));
  }
}

/** A chat's records against what was sent to it. */
function judge({ upstream }: FaultyUpstream, id: string, sent: readonly Sent[]): string[] {
  const found: string[] = [];
  const stored = upstream.streams.open(`/sessions/${id}/in`).from(0).map(({ body }) => {
    const { payload } = JSON.parse((JSON.parse(body) as { data: string }).data) as {
      payload: { message: { id: string }; metadata: Record<string, unknown> };
    };
    const stamp = JSON.stringify(payload.metadata[NAMESPACE]);
    if (stamp !== JSON.stringify(SIGNALS)) found.push(`${payload.message.id} carries ${stamp}`);
    return payload.message.id;
  });
  const twice = stored.filter((message, at) => stored.indexOf(message) !== at);
  if (twice.length > 0) found.push(`stored twice: ${twice.join(", ")}`);
  const answered = sent.filter(({ isAnswered }) => isAnswered).map((message) => message.id);
  const kept = new Set(answered);
  const inOrder = stored.filter((message) => kept.has(message));
  const lost = answered.filter((message) => !inOrder.includes(message));
  if (lost.length > 0) found.push(`answered and lost: ${lost.join(", ")}`);
  else if (inOrder.join() !== answered.join()) found.push(`${id}: out of order`);
  return found;
}
