import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Refusal } from "../../src/errors.ts";
import { match } from "../../src/routes.ts";

const APPEND = "/realtime/v1/sessions/chat-1/in/append";

/** Sent → the route it is, and what is forwarded. As `new URL()` gives it: dots and backslashes are gone by then. */
const MATCHED: readonly [sent: string, name: string, path: string, session?: string][] = [
  ["/api/v1/sessions", "create", "/api/v1/sessions"],
  ["/API/V1/SESSIONS", "create", "/api/v1/sessions"],
  ["/api/v1/session%73", "create", "/api/v1/sessions"],
  ["/%61pi/v1/%53essions/", "create", "/api/v1/sessions"],
  ["/api/v1/sessions//", "create", "/api/v1/sessions"],
  [APPEND, "append", APPEND, "chat-1"],
  ["/Realtime/V1/Sessions/chat-1/in/APPEND", "append", APPEND, "chat-1"],
  ["/realtime/v1/sessions/chat-1/%69n/appen%64", "append", APPEND, "chat-1"],
  ["/realtime/v1/sessions/chat-1/IN/append", "append", APPEND, "chat-1"],
  ["/realtime/v1/sessions/Chat%2D1/in/append", "append", "/realtime/v1/sessions/Chat%2D1/in/append", "Chat-1"],
  ["/realtime/v1/sessions/a%2Fb/in/append", "append", "/realtime/v1/sessions/a%2Fb/in/append", "a/b"],
  [
    "/realtime/v1/sessions/caf%C3%A9%20%3B1/in/append",
    "append",
    "/realtime/v1/sessions/caf%C3%A9%20%3B1/in/append",
    "café ;1",
  ],
  ["/realtime/v1/sessions/chat%252d1/in/append", "append", "/realtime/v1/sessions/chat%252d1/in/append", "chat%2d1"],
  ["/realtime/v1/sessions/a%252Fb/in/append", "append", "/realtime/v1/sessions/a%252Fb/in/append", "a/b"],
  ["/realtime/v1/sessions/s/in", "channel", "/realtime/v1/sessions/s/in", "s"],
  ["/realtime/v1/sessions/s/OUT", "channel", "/realtime/v1/sessions/s/out", "s"],
  ["/realtime/v1/sessions/s/channels/side/in", "channel", "/realtime/v1/sessions/s/channels/side/in", "s"],
  ["/realtime/v1/sessions/s/out/records", "records", "/realtime/v1/sessions/s/out/records", "s"],
  [
    "/realtime/v1/sessions/s/channels/side/out/records",
    "records",
    "/realtime/v1/sessions/s/channels/side/out/records",
    "s",
  ],
  ["/api/v1/sessions/s/snapshot-url", "snapshot", "/api/v1/sessions/s/snapshot-url", "s"],
  ["/api/v1/sessions/s/End-And-Continue", "end-and-continue", "/api/v1/sessions/s/end-and-continue", "s"],
  ["/.edgestamp/pass", "pass", "/.edgestamp/pass"],
  ["/.well-known/edgestamp/jwks.json", "jwks", "/.well-known/edgestamp/jwks.json"],
];

/** What is forwarded as it came. */
const OTHER: readonly string[] = [
  "/",
  "/api/v1/tasks/my%20task/trigger",
  "/api/v1/tasks/a%2Fb/trigger",
  "/api/v1/sessions/session_1",
  "/api/v1/sessions/session_1/close",
  "/api/v1/sessions/%23general",
  "/api/v1/sessions/%23general/close",
  "/api/v1/sessions/%3Fwhat",
  "/realtime/v1/sessions/s/out/append",
  "/realtime/v1/sessions/s/channels/side/in/append",
  "/realtime/v1/streams/run_1/input/approval",
  "/realtime/v1/runs/run_1",
  "/api/v1/packets/a/b.json",
  "/api/v1/ſessions",
  "/api/v1/%C5%BFessions",
];

/** What two readers could take for two things. */
const AMBIGUOUS: readonly string[] = [
  "//evil.example/x",
  "//api/v1/sessions",
  "/api//v1/sessions",
  "/realtime/v1/sessions//in/append",
  "/realtime/v1/sessions/chat-1//in/append",
  "/realtime/v1/sessions/chat-1%2Fin/append",
  "/realtime/v1/sessions/chat-1/in%2Fappend",
  "/realtime/v1/sessions/chat-1/in%2fappend",
  "/realtime/v1/sessions/chat-1%5Cin%5Cappend",
  "/api/v1%2Fsessions",
  "/api/v1/sessions;a=b",
  "/api/v1/sessions%20",
  "/api/v1/sessions%00",
  "/api/v1/%2573essions",
  "/api/v1/x%2F..%2Fsessions",
  "/api/v1/sessions%3Fa",
  "/api/v1/sessions%23a",
  "/api/v1/sessions/%",
  "/api/v1/tasks/%zz/trigger",
  "/api/v1/tasks/%C3/trigger",
];

describe("match()", () => {
  for (const [sent, name, path, session] of MATCHED) {
    const expected = session === undefined ? { name, path } : { name, path, session };
    test(`takes ${sent} for ${name}`, () => assert.deepEqual(match(sent), expected));
  }
  for (const path of OTHER) {
    test(`passes ${path} as it came`, () => assert.deepEqual(match(path), { name: "other", path }));
  }
  for (const path of AMBIGUOUS) {
    test(`refuses ${path}`, () => {
      assert.throws(() => match(path), (error: Refusal) => error.code === "edge_path_ambiguous");
    });
  }
  test("a path of many encoded percent signs costs no more than it is long", () => {
    const cost = (path: string): number => {
      const began = performance.now();
      for (let i = 0; i < 20; i++) match(path);
      return performance.now() - began;
    };
    const chain = `/api/v1/%${"25".repeat(8_000)}41`;
    const plain = `/api/v1/%25${"a".repeat(16_000)}41`;
    cost(chain) + cost(plain);
    const ratio = cost(chain) / cost(plain);
    assert.ok(ratio < 100, `it took ${ratio.toFixed(0)} times as long as a plain one`);
  });
});
