/**
 * Whatever the real stack accepts as a create or an append carries our stamp and nobody else's, however it was spelled;
 * and what a public token may not do is never accepted. Over raw sockets, through a real server.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as fc from "fast-check";
import { exchange, toBytes } from "../conformance/client.ts";
import { check } from "../unit/properties/runs.ts";
import { GUARDS, type Harness, startHarness } from "./harness.ts";
import { hostileRequests } from "./hostile_requests.ts";
import { assertNoFailure, assertPromises } from "./promises.ts";

let harness: Harness;

before(async () => {
  harness = await startHarness();
});
after(() => harness.close());

describe("the real stack behind the proxy", () => {
  for (const guard of GUARDS) {
    it(`accepts no forged stamp: guard ${guard}`, async () => {
      const { port, stack: { accepted } } = harness.at(guard);
      const routes = new Map<string, number>();
      let tried = 0;
      await check(
        `hostile requests, guard ${guard}`,
        fc.asyncProperty(hostileRequests, async (request) => {
          tried++;
          accepted.length = 0;
          const answer = await exchange(port, toBytes(request));
          assertNoFailure(answer.status, answer.body);
          for (const one of accepted) {
            await assertPromises(one, guard, request.framing === "none" ? Buffer.alloc(0) : request.body);
            routes.set(one.route, (routes.get(one.route) ?? 0) + 1);
          }
        }),
        400,
      );
      const total = [...routes.values()].reduce((sum, count) => sum + count, 0);
      console.log(`# accepted of ${tried}: ${total}: ${JSON.stringify(Object.fromEntries(routes))}`);
      assert.ok(total > tried / 20 || tried < 100, "hardly anything was accepted: the property says little");
    });
  }
});
