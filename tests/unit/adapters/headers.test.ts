import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { headers, type HeadersOptions, type Kind } from "../../../adapters/headers.ts";

const SECRET = "kT9vB2qLx7RmZ4nWc8Hj3PfYd6Gs1Ua0";
const OLD = "Qe5Xo1Lw9Vt3Kb7Mz2Rc8Nf4Hy6Jp0Sg";

/** What arrives for a value whose bytes are UTF-8: one character for each byte. */
const bytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));

function readOne(value: string | null, as: Kind, notRun?: readonly string[]): unknown {
  const provider = headers({
    map: { field: { header: "x-field", as, ...(notRun && { notRun }) } },
    assumeTopology: true,
  });
  const request = new Request("http://p.example/", value === null ? {} : { headers: { "x-field": value } });
  const signals = provider.read(request)!;
  return "field" in signals ? signals.field : "absent";
}

describe("headers(): kinds, and the three states", () => {
  const rows: readonly [as: Kind, value: string | null, expected: unknown][] = [
    ["string", null, "absent"],
    ["string", "", null],
    ["string", "-", null],
    ["string", "Zürich", "Zürich"],
    ["string", bytes("São Paulo"), "São Paulo"],
    ["string", bytes("東京"), "東京"],
    ["string", "S\xe3o Paulo", "São Paulo"],
    ["string", "one, two", "absent"],
    ["string", "a".repeat(256), "a".repeat(256)],
    ["string", "a".repeat(257), "absent"],
    ["text", "Example, Inc.", "Example, Inc."],
    ["percent", "S%C3%A3o%20Paulo", "São Paulo"],
    ["percent", "%zz", "absent"],
    ["percent", "Example%2C%20Inc.", "Example, Inc."],
    ["number", "0", 0],
    ["number", "-0.5", -0.5],
    ["number", "1e3", "absent"],
    ["number", "0x10", "absent"],
    ["number", "NaN", "absent"],
    ["number", "-", null],
    ["integer", "99", 99],
    ["integer", "9.5", "absent"],
    ["integer", "99999999999999999", "absent"],
    ["boolean", "true", true],
    ["boolean", "FALSE", false],
    ["boolean", "0", false],
    ["boolean", "1", true],
    ["boolean", "yes", "absent"],
    ["boolean", "constructor", "absent"],
    ["botScore", "1", 1],
    ["botScore", "99", 99],
    ["botScore", "0", null],
    ["botScore", "100", "absent"],
    ["botScore", "-1", "absent"],
    ["botScoreFromHuman", "0", 99],
    ["botScoreFromHuman", "60", 40],
    ["botScoreFromHuman", "100", 1],
    ["botScoreFromHuman", "101", "absent"],
    ["botScoreFromHuman", "", null],
    ["country", "br", "BR"],
    ["country", "XX", null],
    ["country", "T1", null],
    ["country", "ZZ", null],
    ["country", "BRA", "absent"],
    ["asn", "13335", 13335],
    ["asn", "AS13335", 13335],
    ["asn", "4294967295", 4294967295],
    ["asn", "4294967296", "absent"],
    ["asn", "0", null],
    ["asn", "-1", "absent"],
    ["ja3", "cd08e31494f9531f560d64c695473da9", "cd08e31494f9531f560d64c695473da9"],
    ["ja3", "cd08", "absent"],
    ["ja4", "t13d1516h2_8daaf6152771_b186095e22b6", "t13d1516h2_8daaf6152771_b186095e22b6"],
    ["ja4", "t13d151600_000000000000_000000000000", "t13d151600_000000000000_000000000000"],
    ["ja4", "q13i0311h3_55b375c5d22e_cd85d2d88918", "q13i0311h3_55b375c5d22e_cd85d2d88918"],
    ["ja4", "t14d1516h2_8daaf6152771_b186095e22b6", "absent"],
    ["ja4", "t13d1516h2_8daaf6152771", "absent"],
    ["ja4", "", null],
    ["ip", "198.51.100.7", "198.51.100.7"],
    ["ip", "198.51.100.7:443", "198.51.100.7"],
    ["ip", "::ffff:198.51.100.7", "198.51.100.7"],
    ["ip", "[2001:DB8::1]:443", "2001:db8::1"],
    ["ip", "[2001:db8::1]", "2001:db8::1"],
    ["ip", "fe80::1%eth0", "fe80::1"],
    ["ip", "2001:db8:0:0:0:0:0:1", "2001:db8::1"],
    ["ip", "198.51.100.7, 10.0.0.1", "absent"],
    ["ip", "198.51.100.07", "absent"],
    ["ip", "198.51.100", "absent"],
    ["ip", "256.1.1.1", "absent"],
    ["ip", "0x7f.1", "absent"],
    ["ip", "1::2::3", "absent"],
    ["ip", "unknown", "absent"],
    ["ip", "_hidden", "absent"],
    ["ip", "2001:db8::1]@evil.example/[::", "absent"],
  ];
  for (const [as, value, expected] of rows) {
    test(`${as}: ${value === null ? "no header" : JSON.stringify(value.slice(0, 40))}`, () =>
      assert.deepEqual(readOne(value, as), expected));
  }
  test("a sender's own word for not run", () => {
    assert.equal(readOne("reserved", "string", ["reserved"]), null);
    assert.equal(readOne("0", "integer", ["0"]), null);
    assert.equal(readOne("1", "integer", ["0"]), 1);
  });
});

describe("headers(): a map", () => {
  const provider = headers({
    map: {
      ip: "X-Real-IP",
      asn: "x-asn",
      country: "x-country",
      verifiedBot: "x-verified",
      risk: "x-risk",
      risk2: { header: "x-risk", as: "number" },
    },
    assumeTopology: true,
  });
  test("known fields are read as what they are, others as text", () => {
    const request = new Request("http://p.example/", {
      headers: {
        "x-real-ip": "::ffff:10.0.0.1",
        "x-asn": "AS64512",
        "x-country": "de",
        "x-verified": "1",
        "x-risk": "7",
      },
    });
    assert.deepEqual(provider.read(request), {
      ip: "10.0.0.1",
      asn: 64512,
      country: "DE",
      verifiedBot: true,
      risk: "7",
      risk2: 7,
    });
  });
  test("a header that came twice is nobody's", () => {
    const given = new Headers({ "x-country": "de" });
    given.append("x-country", "ch");
    given.append("x-asn", "1");
    assert.deepEqual(provider.read(new Request("http://p.example/", { headers: given })), { asn: 1 });
  });
  test("no header, no field", () => assert.deepEqual(provider.read(new Request("http://p.example/")), {}));
  test("what is read does not go upstream", () => {
    assert.deepEqual(provider.consumes, ["x-real-ip", "x-asn", "x-country", "x-verified", "x-risk"]);
    const proven = headers({ map: { ip: "X-Real-IP" }, proof: { header: "X-Proof", secret: SECRET } });
    assert.deepEqual(proven.consumes, ["x-real-ip", "x-proof"]);
  });
});

describe("headers(): the proof", () => {
  const map = { country: "x-country" };
  const one = headers({ map, proof: { header: "x-proof", secret: SECRET } });
  const two = headers({ map, proof: { header: "x-proof", secret: [SECRET, OLD] } });
  const quiet = headers({
    map,
    proof: { header: "x-proof", secret: SECRET },
    withoutProof: "null",
    assumeTopology: true,
  });
  const call = (...proofs: readonly string[]): Request => {
    const given = new Headers({ "x-country": "DE" });
    for (const proof of proofs) given.append("x-proof", proof);
    return new Request("http://p.example/", { headers: given });
  };
  const BELIEVED = { country: "DE" };
  const rows: readonly [name: string, request: Request, byOne: boolean, byTwo: boolean][] = [
    ["right", call(SECRET), true, true],
    ["the other of two", call(OLD), false, true],
    ["absent", call(), false, false],
    ["empty", call(""), false, false],
    ["wrong", call(OLD.toLowerCase()), false, false],
    ["a beginning of it", call(SECRET.slice(0, -1)), false, false],
    ["more than it", call(`${SECRET}x`), false, false],
    ["it twice over", call(SECRET + SECRET), false, false],
    ["sent twice", call(SECRET, SECRET), false, false],
    ["beside a wrong one", call("x", SECRET), false, false],
    ["both at once", call(`${SECRET},${OLD}`), false, false],
  ];
  for (const [name, request, byOne, byTwo] of rows) {
    test(name, () => {
      for (const [provider, believed] of [[one, byOne], [two, byTwo]] as const) {
        if (believed) assert.deepEqual(provider.read(request), BELIEVED);
        else assert.throws(() => provider.read(request), { message: "headers: the proof is absent or wrong" });
      }
      // assumeTopology does not take back that a proof was asked for.
      assert.deepEqual(quiet.read(request), byOne ? BELIEVED : null);
    });
  }
});

describe("headers(): what stops the start", () => {
  const map = { country: "x-country" };
  const MEND = "set 32 or more random characters, e.g. openssl rand -base64 32";
  const rows: readonly [options: HeadersOptions, message: string][] = [
    [
      { map },
      "Cannot believe headers without a proof: set `proof`, or `assumeTopology: true` where nobody else can reach this server",
    ],
    [
      { map, assumeTopology: "yes" as unknown as boolean },
      "Cannot believe headers without a proof: set `proof`, or `assumeTopology: true` where nobody else can reach this server",
    ],
    [
      { map, proof: { header: "x-proof", secret: "short1Aa9" } },
      `Cannot use option \`proof.secret\`: it is too short; ${MEND}`,
    ],
    [
      { map, proof: { header: "x-proof", secret: "changeme" } },
      `Cannot use option \`proof.secret\`: it is a placeholder; ${MEND}`,
    ],
    [
      { map, proof: { header: "x-proof", secret: [SECRET, ""] } },
      `Cannot use option \`proof.secret\`: it is too short; ${MEND}`,
    ],
    [
      { map, proof: { header: "x-proof", secret: undefined as unknown as string } },
      "Cannot use option `proof.secret`: it is absent",
    ],
    [
      { map, proof: { header: "x proof", secret: SECRET } },
      "Cannot use option `proof.header`: give the name of a header",
    ],
    [
      { map: { country: "x country" }, assumeTopology: true },
      "Cannot use option `map.country`: give the name of a header that carries a signal",
    ],
    [
      { map: { token: "Authorization" }, assumeTopology: true },
      "Cannot use option `map.token`: give the name of a header that carries a signal",
    ],
    [
      { map: { asn: { header: "x-asn", as: "ASN" as Kind } }, assumeTopology: true },
      "Cannot use option `map.asn.as`: give one of string, text, percent, number, integer, boolean, botScore, botScoreFromHuman, country, asn, ja3, ja4, ip",
    ],
  ];
  for (const [options, message] of rows) {
    test(message, () => assert.throws(() => headers(options), { name: "TypeError", message }));
  }
});
