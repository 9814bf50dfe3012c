import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { forwarded, type ForwardedOptions } from "../../../adapters/forwarded.ts";
import { call } from "./tables.ts";

const trusted = ["127.0.0.1", "10.0.0.0/8", "fd00::/8"];
const OPTIONS: ForwardedOptions = { trusted };

function read(peer: string | undefined, value: string | readonly string[] | undefined, options = OPTIONS): unknown {
  const { header = "x-forwarded-for" } = options;
  const info = { socket: { remoteAddress: peer } };
  return forwarded(options).read(call(value === undefined ? {} : { [header]: value }), { info }).ip;
}

describe("forwarded(): X-Forwarded-For", () => {
  const rows: readonly [
    what: string,
    peer: string | undefined,
    value: string | readonly string[] | undefined,
    ip: unknown,
  ][] = [
    ["no peer, no address", undefined, "1.1.1.1", undefined],
    ["a peer that is not trusted is the client", "198.51.100.7", "1.1.1.1", "198.51.100.7"],
    ["a trusted peer without a list", "127.0.0.1", undefined, "127.0.0.1"],
    ["a trusted peer and one hop", "127.0.0.1", "198.51.100.7", "198.51.100.7"],
    ["a peer mapped into IPv6", "::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"],
    ["a peer just outside", "11.0.0.1", "1.1.1.1", "11.0.0.1"],
    ["a forged left part", "10.1.2.3", "1.1.1.1, 198.51.100.7", "198.51.100.7"],
    ["past trusted hops", "10.1.2.3", "1.1.1.1, 198.51.100.7, 10.9.9.9, fd00::1", "198.51.100.7"],
    ["past a trusted hop mapped into IPv6", "10.1.2.3", "198.51.100.7, ::ffff:10.0.0.9", "198.51.100.7"],
    ["a client that claims to be trusted", "10.1.2.3", "10.0.0.1, 198.51.100.7", "198.51.100.7"],
    ["all trusted: the leftmost", "10.1.2.3", "10.0.0.1, 10.0.0.2", "10.0.0.1"],
    ["on two lines", "10.1.2.3", ["1.1.1.1", "198.51.100.7"], "198.51.100.7"],
    ["with a port", "10.1.2.3", "198.51.100.7:51234", "198.51.100.7"],
    ["IPv6 in brackets with a port", "10.1.2.3", "[2001:DB8::7]:443", "2001:db8::7"],
    ["IPv6 with a zone", "10.1.2.3", "fe80::1%eth0", "fe80::1"],
    ["unknown ends the walk", "10.1.2.3", "1.1.1.1, unknown", undefined],
    ["what is no address ends the walk", "10.1.2.3", "1.1.1.1, evil, 10.0.0.1", undefined],
    ["a shortened IPv4 is no address", "10.1.2.3", "1.1.1.1, 10.1", undefined],
    ["an octal IPv4 is no address", "10.1.2.3", "010.0.0.1", undefined],
    ["empty elements are none", "10.1.2.3", "198.51.100.7,, ", "198.51.100.7"],
    ["an empty list", "10.1.2.3", "", undefined],
    ["a list that is too long", "10.1.2.3", Array(40).fill("10.0.0.1").join(), undefined],
  ];
  for (const [what, peer, value, ip] of rows) test(what, () => assert.equal(read(peer, value), ip));
  test("the other header is not looked at", () => {
    const request = call({ forwarded: "for=1.1.1.1" });
    assert.deepEqual(forwarded(OPTIONS).read(request, { info: { socket: { remoteAddress: "127.0.0.1" } } }), {
      ip: "127.0.0.1",
    });
  });
});

describe("forwarded(): RFC 7239", () => {
  const rows: readonly [value: string | readonly string[], ip: unknown][] = [
    ["for=198.51.100.7", "198.51.100.7"],
    ['For="198.51.100.7:4711";proto=https;by=10.0.0.1', "198.51.100.7"],
    ['for=1.1.1.1, proto=https;for="[2001:db8::17]:4711"', "2001:db8::17"],
    ["for=198.51.100.7, for=10.0.0.2;host=a.example", "198.51.100.7"],
    [["for=1.1.1.1", "for=198.51.100.7"], "198.51.100.7"],
    ["for=1.1.1.1, for=unknown", undefined],
    ["for=1.1.1.1, for=_hidden", undefined],
    ["for=1.1.1.1, proto=https", undefined],
    ["for=1.1.1.1;for=198.51.100.7", undefined],
    // A client's open quote must not swallow what the proxy appends.
    ['for=", for=198.51.100.7', undefined],
    ['for="1.1.1.1, for="198.51.100.7"', undefined],
    ['for="\\", for=198.51.100.7', undefined],
    ["for=1.1.1.1, garbage", undefined],
    ["198.51.100.7", undefined],
    ["", undefined],
  ];
  for (const [value, ip] of rows) {
    test(String(value) || "empty", () => assert.equal(read("10.0.0.1", value, { trusted, header: "forwarded" }), ip));
  }
});

describe("forwarded(): what stops the start", () => {
  const bad = [
    "10.0.0.0/33",
    "10.0.0.0/0",
    "::/0",
    "10.0.0.0/",
    "10.0.0.0/8/8",
    "10.0.0.0/-1",
    "10.0.0.0/0x8",
    "10/8",
    "010.0.0.0/8",
    "localhost",
    "",
    "fe80::/129",
    "::ffff:10.0.0.0/104",
    "fe80::1%eth0/64",
    "10.0.0.0/8 ",
    "1e1.0.0.0/8",
  ];
  for (const cidr of bad) {
    test(JSON.stringify(cidr), () =>
      assert.throws(() => forwarded({ trusted: [cidr] }), {
        name: "TypeError",
        message: `Cannot use option \`trusted\`: "${cidr}" is no range; give one such as 10.0.0.0/8`,
      }));
  }
  test("nobody trusted", () => assert.throws(() => forwarded({ trusted: [] }), TypeError));
});
