/** The log of requests. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Answered, jsonLog } from "../../src/watch.ts";

const STAMPED: Answered = {
  requestId: "4f7cf4b6-5cf5-4c5c-9f3a-0d0a0c1f2b3e",
  traceId: "0af7651916cd43dd8448eb211c80319c",
  method: "POST",
  route: "append",
  caller: "public",
  decision: "stamped",
  bodyBytes: 300,
  status: 200,
  durationMs: 12.5,
  trustMs: 0.3,
  upstreamMs: 11,
};

/** The lines of one request. */
function linesOf(answered: Answered): string[] {
  const lines: string[] = [];
  jsonLog((line) => lines.push(line))(answered);
  return lines;
}

const failed = (cause: unknown, code: Answered["code"] = "edge_upstream_unreachable"): Record<string, unknown> => {
  const answered: Answered = { ...STAMPED, decision: "failed", status: 502, ...(code && { code }) };
  Object.defineProperty(answered, "cause", { value: cause });
  return JSON.parse(linesOf(answered)[0]!) as Record<string, unknown>;
};

describe("jsonLog", () => {
  test("writes one line of JSON: the time, the level, the request", () => {
    const [line, ...more] = linesOf(STAMPED);
    assert.deepEqual(more, []);
    assert.ok(!line!.includes("\n"));
    const { time, ...rest } = JSON.parse(line!) as Record<string, unknown>;
    assert.ok(Math.abs(Date.parse(time as string) - Date.now()) < 60_000);
    assert.match(time as string, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(rest, { level: "info", ...STAMPED });
  });
  test("has a level for each decision", () => {
    const levels = (["stamped", "forwarded", "own", "left", "refused", "failed"] as const).map((decision) =>
      (JSON.parse(linesOf({ ...STAMPED, decision })[0]!) as { level: string }).level
    );
    assert.deepEqual(levels, ["info", "info", "info", "info", "warn", "error"]);
  });
  test("leaves out the checks that went well, and no others", () => {
    for (const route of ["health", "ready"] as const) {
      assert.deepEqual(linesOf({ ...STAMPED, route, decision: "own" }), []);
      assert.equal(linesOf({ ...STAMPED, route, decision: "failed", status: 503 }).length, 1);
    }
    assert.equal(linesOf({ ...STAMPED, route: "jwks", decision: "own" }).length, 1);
  });
});

describe("what failed", () => {
  test("is told by the names and codes of its errors", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 10.1.2.3:443"), { code: "ECONNREFUSED" });
    assert.equal(failed(new TypeError("fetch failed", { cause: refused }))["reason"], "TypeError: Error ECONNREFUSED");
    assert.equal(failed(new DOMException("The operation was aborted", "AbortError"))["reason"], "AbortError");
    assert.equal(failed("a string")["reason"], "string");
    assert.equal(failed(null)["reason"], "object");
    assert.equal("reason" in failed(undefined), false);
  });
  test("never by what they say, nor by a name or code that is a sentence", () => {
    const told = failed(
      Object.assign(new Error("http://10.1.2.3/secret", { cause: "secret" }), {
        name: "secret in 2 words",
        code: "http://10.1.2.3/secret",
        path: "http://10.1.2.3/secret",
      }),
    );
    assert.doesNotMatch(JSON.stringify(told), /secret|10\.1/);
  });
  test("ends where causes go in rings", () => {
    const error = new Error("a");
    error.cause = error;
    assert.equal(failed(error)["reason"], "Error: Error: Error: Error");
  });
  test("names the lines of code where the proxy itself is at fault, below whatever the error says", () => {
    const told = failed(new TypeError("secret\n    at secret (file:///secret.ts:1:1)"), "edge_internal");
    const stack = told["stack"] as string[];
    assert.ok(Array.isArray(stack) && stack.length > 0 && stack.length <= 6);
    assert.doesNotMatch(JSON.stringify(told), /secret/);
    assert.equal("stack" in failed(new TypeError("x")), false);
    const changed = new Error("secret");
    // Engines write a stack when it is first looked at.
    assert.match(changed.stack!, /secret/);
    changed.message = "another";
    assert.equal("stack" in failed(changed, "edge_internal"), false);
  });
});
