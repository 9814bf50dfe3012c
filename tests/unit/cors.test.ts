import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { compileCors, preflight, setCors } from "../../src/cors.ts";

const LISTED = compileCors({
  origins: ["https://app.example.com", "https://*.example.org", "http://localhost:5173"],
  maxAgeSeconds: 60,
});

const ORIGINS: readonly [origin: string | null, allowed: boolean][] = [
  ["https://app.example.com", true],
  ["http://localhost:5173", true],
  ["https://a.example.org", true],
  ["https://a.b-c.example.org", true],
  ["https://example.org", false],
  ["https://.example.org", false],
  ["https://aexample.org", false],
  ["https://a.example.org.evil.example", false],
  ["https://a.example.org:8443", false],
  ["http://a.example.org", false],
  ["https://evil.example/.example.org", false],
  ["https://evil.example\n.example.org", false],
  ["https://app.example.com.evil.example", false],
  ["https://APP.example.com", false],
  ["null", false],
  [null, false],
];

describe("setCors()", () => {
  for (const [origin, allowed] of ORIGINS) {
    test(`${origin} is ${allowed ? "" : "not "}allowed`, () => {
      const headers = new Headers({ vary: "Accept" });
      setCors(headers, LISTED, origin);
      assert.equal(headers.get("access-control-allow-origin"), allowed ? origin : null);
      assert.equal(headers.get("access-control-expose-headers"), allowed ? "*" : null);
      assert.equal(headers.get("access-control-allow-credentials"), null);
      assert.equal(headers.get("vary"), "Accept, Origin");
    });
  }
  test("any origin", () => {
    const headers = new Headers();
    setCors(headers, compileCors({ origins: "*" }), "https://any.example");
    assert.equal(headers.get("access-control-allow-origin"), "*");
  });
  test("without a policy there are no headers", () => {
    const headers = new Headers();
    setCors(headers, undefined, "https://any.example");
    assert.deepEqual([...headers], []);
  });
});

describe("preflight()", () => {
  const ask = (origin: string): Request =>
    new Request("http://p.example/x", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,x-part-id",
      },
    });
  test("echoes what was asked for", () => {
    const { status, headers } = preflight(ask("https://app.example.com"), LISTED);
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), "https://app.example.com");
    assert.equal(headers.get("access-control-allow-headers"), "authorization,x-part-id");
    assert.match(headers.get("access-control-allow-methods") ?? "", /POST/);
    assert.equal(headers.get("access-control-max-age"), "60");
    assert.equal(headers.get("access-control-expose-headers"), "*");
    assert.match(headers.get("vary") ?? "", /Origin/);
  });
  test("tells a page that is not allowed nothing", () => {
    const { status, headers } = preflight(ask("https://evil.example"), LISTED);
    assert.equal(status, 204);
    assert.deepEqual([...headers.keys()].filter((name) => name.startsWith("access-control-")), []);
    assert.match(headers.get("vary") ?? "", /Origin/);
  });
});
