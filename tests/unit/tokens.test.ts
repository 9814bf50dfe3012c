import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { classify, writableSessions } from "../../src/tokens.ts";

const part = (value: unknown): string =>
  btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const jwt = (header: unknown, payload: unknown): string => `${part(header)}.${part(payload)}.c2ln`;

const RUN = jwt({ alg: "RS256", typ: "run+jwt" }, { sub: "run_1" });
const PUBLIC = jwt({ alg: "HS256", typ: "JWT" }, {
  pub: true,
  scopes: ["read:sessions:c", "write:sessions:c", "write:sessions:a:b"],
});

/** The same type at each place in a group of base64. */
const RUNS = ["", "1", "12"].map((kid) => jwt({ kid, typ: "run+jwt" }, { sub: "run_1" }));

const SERVER: readonly string[] = [
  ...RUNS.map((token) => `Bearer ${token}`),
  "Bearer tr_dev_abcDEF123",
  "Bearer tr_prod_sk_abc",
  "Bearer tr_stg_abc-d_e",
  "Bearer  tr_preview_abc",
  "Bearer tr_pat_abc",
  "tr_prod_abc",
  `Bearer ${RUN}`,
];

const PUBLIC_ONES: readonly (string | null)[] = [
  null,
  "",
  "Bearer ",
  "bearer tr_prod_abc",
  "BEARER tr_prod_abc",
  "Basic tr_prod_abc",
  "Bearer tr_prod_",
  "Bearer tr_other_abc",
  "Bearer TR_PROD_abc",
  "Bearer tr_prod_abc, Bearer tr_prod_abc",
  `Bearer tr_prod_abc, Bearer ${PUBLIC}`,
  `Bearer ${PUBLIC}, Bearer tr_prod_abc`,
  "Bearer tr_prod_abc\u0000",
  "Bearer pk_tr_prod_abc",
  "Bearer Bearer tr_prod_abc",
  `Bearer ${PUBLIC}`,
  PUBLIC,
  `Bearer ${RUN}.x`,
  `Bearer ${RUN}, ${PUBLIC}`,
  `Bearer ${jwt({ typ: "RUN+JWT" }, {})}`,
  `Bearer ${jwt({ typ: ["run+jwt"] }, {})}`,
  "Bearer a.b.c",
  "Bearer bnVsbA.bnVsbA.c2ln",
];

describe("classify()", () => {
  for (const value of SERVER) test(`server: ${value.slice(0, 40)}`, () => assert.equal(classify(value), "server"));
  for (const value of PUBLIC_ONES) {
    test(`public: ${JSON.stringify(value)?.slice(0, 60)}`, () => assert.equal(classify(value), "public"));
  }
});

describe("writableSessions()", () => {
  test("names what write:sessions scopes name, colons included", () => {
    assert.deepEqual(writableSessions(`Bearer ${PUBLIC}`), ["c", "a:b"]);
    assert.deepEqual(writableSessions(PUBLIC), ["c", "a:b"]);
  });
  test("reads ids beyond ASCII", () => {
    const scopes = ["write:sessions:ünïcode"];
    const bytes = new TextEncoder().encode(JSON.stringify({ scopes }));
    const payload = btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
    assert.deepEqual(writableSessions(`Bearer ${part({})}.${payload}.c2ln`), ["ünïcode"]);
  });
  test("names nothing where there is nothing to read", () => {
    for (
      const value of [
        null,
        "",
        "Bearer tr_prod_x",
        "Bearer a.b.c",
        `Bearer ${jwt({}, { scopes: "write:sessions:c" })}`,
        `Bearer ${jwt({}, { scopes: [1, null] })}`,
      ]
    ) {
      assert.deepEqual(writableSessions(value), []);
    }
  });
});
