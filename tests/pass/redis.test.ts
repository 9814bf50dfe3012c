/** Proxies on several machines that share a Redis count together. */

import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { createClient } from "@redis/client";
import { RateLimiterRedis } from "rate-limiter-flexible";
import { flexibleLimiter, rateLimit } from "../../src/admit.ts";
import { findRedis, type RedisServer, startRedis } from "./redis_server.ts";
import { BROWSER, openBrowser, openWorld, runsOf, type TestProxy, type World } from "./world.ts";

const program = await findRedis();
/** Skipped one by one, so that they are counted. */
const NEEDS_REDIS = { skip: program === undefined ? "there is no redis-server on this machine" : false };

describe("two proxies that share a Redis", () => {
  let world: World;
  let redis: RedisServer;
  const clients: ReturnType<typeof connect>[] = [];
  before(async () => {
    if (program === undefined) return;
    [world, redis] = await Promise.all([openWorld(), startRedis(program)]);
  });
  after(async () => {
    if (program === undefined) return;
    for (const client of clients) if (client.isOpen) client.destroy();
    await Promise.all([world.close(), redis.close()]);
  });

  const connect = () =>
    createClient({ url: redis.url, disableOfflineQueue: true, socket: { reconnectStrategy: false } });

  /** A machine: its own connection, its own limiter, its own proxy. */
  async function openMachine(
    keyPrefix: string,
    whenUnavailable: "refuse" | "admit" = "refuse",
  ): Promise<TestProxy & { client: ReturnType<typeof connect> }> {
    const client = connect();
    client.on("error", () => {});
    clients.push(client);
    await client.connect();
    const limiter = new RateLimiterRedis({
      storeClient: client,
      useRedisPackage: true,
      keyPrefix,
      points: 3,
      duration: 30,
    });
    const admit = rateLimit({ key: "ja4", limiter: flexibleLimiter(limiter), uses: ["append"], whenUnavailable });
    return { ...await world.openProxy({ admit }), client };
  }
  const say = (proxy: TestProxy, ja4: string) =>
    openBrowser(proxy, { signals: { ...BROWSER, ja4 }, start: "without a pass" });

  it("count together, and by caller", NEEDS_REDIS, async () => {
    const [one, other] = [await openMachine("together"), await openMachine("together")];
    for (const proxy of [one, other, one]) assert.equal((await say(proxy, "a").say("hello")).text, "You said: hello");
    for (const proxy of [one, other]) {
      await assert.rejects(say(proxy, "a").say("hello"), { status: 429, code: "edge_admit_rate_limited" });
    }
    assert.equal((await say(other, "b").say("hello")).text, "You said: hello");
  });

  it("say truly when to come back, and let no more in when asked at once", NEEDS_REDIS, async () => {
    const proxies = [await openMachine("at-once"), await openMachine("at-once")];
    const message = { id: "m", role: "user", parts: [] };
    const append = async (index: number): Promise<Response> => {
      const body = JSON.stringify({ kind: "message", payload: { chatId: "none", trigger: "submit-message", message } });
      return fetch(`${proxies[index % 2]!.url}/realtime/v1/sessions/none/in/append`, { method: "POST", body });
    };
    const responses = await Promise.all(Array.from({ length: 20 }, (_, index) => append(index)));
    const limited = responses.filter(({ status }) => status === 429);
    // The three that were let in have no token that the upstream knows.
    assert.deepEqual([limited.length, responses.filter(({ status }) => status === 401).length], [17, 3]);
    for (const { headers } of limited) {
      const retryAfter = Number(headers.get("retry-after"));
      assert.ok(retryAfter > 25 && retryAfter <= 30, `${retryAfter}`);
    }
  });

  it("refuse, or let in, when Redis is gone: as they are told", NEEDS_REDIS, async () => {
    const [refusing, admitting] = [await openMachine("gone"), await openMachine("gone", "admit")];
    for (const { client } of [refusing, admitting]) client.destroy();
    const page = say(refusing, "a");
    await assert.rejects(page.say("hello"), { status: 503, code: "edge_trust_unavailable" });
    assert.equal(world.stamps(page.chatId).append.length, 0);
    assert.equal(runsOf(world, page.chatId), 1, "the session's creation is not counted here");
    const failed = refusing.events.find((event) => event.type === "failed");
    assert.equal((failed?.cause as Error).message, "the rate limiter failed");
    assert.equal((await say(admitting, "a").say("hello")).text, "You said: hello");
  });
});
