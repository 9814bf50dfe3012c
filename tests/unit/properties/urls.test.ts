/** Whatever URL a server hands on, as it came or tidied up, the path and query that go upstream are what `URL` reads in it. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as fc from "fast-check";
import { check } from "./runs.ts";
import { through } from "./through_proxy.ts";

const proxy = through({ guard: "off" });

const host = fc.constantFrom(
  "a.b",
  "127.0.0.1:3000",
  "localhost:80",
  "proxy.test:00080",
  "[::1]:8080",
  "A.B",
  "xn--bcher-kva.example",
);
/** Mostly what plain URLs are made of, and what could make one of two. */
const part = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom(..."abZ09_~-/=&,:%+") },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      ..."?.;@#\\ \"'<>|^`{}[]()*!$",
      "é",
      "\u017f",
      "\t",
      "\n",
      "..",
      "/./",
      "/../",
      "%2e",
      "//",
    ),
  },
);
const rest = fc.array(part, { maxLength: 20 }).map((parts) => `/${parts.join("")}`);

describe("the URL of a request", () => {
  it("is read as URL reads it, or refused", async () => {
    let [tried, sentOn] = [0, 0];
    await check(
      "urls",
      fc.asyncProperty(host, rest, async (host, rest) => {
        tried++;
        const url = `http://${host}${rest}`;
        // Not the class of the runtime, which would tidy it up: Bun's server does not.
        const { headers, signal } = new Request("http://proxy.test/");
        const { code, sent } = await proxy({ url, method: "GET", headers, signal, body: null } as Request);
        if (sent === undefined) return assert.match(code!, /^edge_(?:path_ambiguous|host_invalid)$/);
        sentOn++;
        const { pathname, search } = new URL(url);
        assert.equal(sent.url, `http://upstream.invalid${pathname}${search}`);
      }),
      3_000,
    );
    assert.ok(sentOn > tried / 30 || tried < 100, `only ${sentOn} of ${tried} went on`);
  });
});
