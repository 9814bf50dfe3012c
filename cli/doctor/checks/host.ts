/**
 * `host`: no request line and no Host header leads the proxy to another host, or to a route that it did not judge.
 *
 * The other host is one that cannot exist (RFC 2606, `.invalid`), and no good token is sent: who tries to reach it fails.
 *
 * @module
 */
import { badToken, channelOf, CREATE, NO_CHAT } from "../requests.ts";
import { broken, type Check, holds, list, unknown } from "../verdict.ts";
import { type Answer, eachOf, type Sent } from "../wire.ts";
import type { World } from "../world.ts";

const ELSEWHERE = "edgestamp-doctor.invalid";

const TARGETS: readonly (readonly [name: string, path: string])[] = [
  ["a path that begins with two slashes", `//${ELSEWHERE}/x`],
  ["a path that begins with a slash and a backslash", `/\\${ELSEWHERE}/x`],
  ["a path with two slashes behind a dot", `/.//${ELSEWHERE}/x`],
  ["a target in absolute form", `http://${ELSEWHERE}/x`],
];

export const host: Check = {
  name: "host",
  async judge(world) {
    if (world.opening.status >= 500) return unknown("Ordinary requests fail, so it cannot be told which others do.");
    const led = await eachOf(TARGETS, async ([name, path]) => await isLedAway(world, path) ? name : undefined);
    const steered = await eachOf(STEERINGS, async (one) => await isSteered(world, one) ? one[0] : undefined);
    const found = [...led, ...steered].filter((name) => name !== undefined);
    if (found.length === 0) return holds("No request line and no Host header changes where a request goes.");
    return broken(
      `Where a request goes can be changed by ${list(found)}: forward to one fixed origin, with its own Host.`,
    );
  },
};

async function isLedAway({ wire }: World, path: string): Promise<boolean> {
  const answer = await wire.send({ method: "GET", path: { whole: path }, token: badToken(NO_CHAT) });
  return answer.failure === "late" || answer.status >= 500 || (answer.headers["location"] ?? "").includes(ELSEWHERE);
}

/** A call whose path is no route, with a Host that makes it one where a URL is built of both. */
type Steering = readonly [name: string, path: string, hostPath: string];

const CHANNEL = channelOf(NO_CHAT, "in");
const STEERINGS: readonly Steering[] = [
  ["a path in the Host header", "/append", CHANNEL],
  ["a path and a query in the Host header", "/x", `${CREATE}?`],
];

/** Whether a Host with a path in it changes the answer to that of the route which both together name. */
async function isSteered({ wire, turnedAway }: World, [, path, hostPath]: Steering): Promise<boolean> {
  const request: Sent = { path, token: badToken(NO_CHAT), body: "{}" };
  const plain: Answer = await wire.send(request);
  const steered: Answer = await wire.send({ ...request, host: `${wire.url.host}${hostPath}` });
  return steered.status === turnedAway && steered.code === undefined && plain.status !== turnedAway;
}
