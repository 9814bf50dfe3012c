/** Databases on disk: an openly licensed one, and what happens to files. */
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, describe, test } from "node:test";
import * as v from "valibot";
import { forwarded } from "../../adapters/forwarded.ts";
import { mmdb } from "../../adapters/mmdb.ts";
import { edgeSignalsOnly } from "../../adapters/signals.ts";
import { database, type Networks } from "./mmdb_writer.ts";

const require = createRequire(import.meta.url);

function find(name: string): string | undefined {
  try {
    return require.resolve(name);
  } catch {
    return undefined;
  }
}

/** CC0: ranges of addresses by the country of their ASN. */
const COUNTRIES = find("@ip-location-db/geo-whois-asn-country-mmdb/geo-whois-asn-country.mmdb");
const skip = COUNTRIES === undefined || find("mmdb-lib") === undefined
  ? "not installed: npm install --save-dev mmdb-lib @ip-location-db/geo-whois-asn-country-mmdb"
  : false;

const at = (remoteAddress: string | undefined) => ({ info: { socket: { remoteAddress } } });
const request = new Request("http://p.example/", { headers: { "x-forwarded-for": "8.8.8.8" } });

describe("mmdb()", { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "edgestamp-mmdb-"));
  after(() => rmSync(folder, { recursive: true }));

  test("reads the peer's country, whatever the headers say", async () => {
    const provider = await mmdb({ files: [COUNTRIES!] });
    const rows = [
      ["193.0.6.139", { ip: "193.0.6.139", country: "NL" }],
      ["::ffff:193.0.6.139", { ip: "193.0.6.139", country: "NL" }],
      ["2001:67c:2e8:22::c100:68b", { ip: "2001:67c:2e8:22::c100:68b", country: "NL" }],
      ["127.0.0.1", { ip: "127.0.0.1" }],
      [undefined, {}],
    ] as const;
    for (const [address, stamped] of rows) {
      const signals = provider.read(request, at(address));
      assert.deepEqual(signals, stamped);
      assert.ok(v.is(edgeSignalsOnly, signals));
    }
    provider.close();
  });
  test("behind a proxy, the client's", async () => {
    const provider = await mmdb({ files: [COUNTRIES!], address: forwarded({ trusted: ["127.0.0.1"] }) });
    assert.deepEqual(provider.read(request, at("127.0.0.1")), { ip: "8.8.8.8", country: "US" });
    assert.ok(provider.consumes.includes("x-forwarded-for"));
    provider.close();
  });
  test("a missing file and one that is no database stop the start", async () => {
    const missing = path.join(folder, "missing.mmdb");
    await assert.rejects(mmdb({ files: [missing] }), {
      name: "TypeError",
      message: `Cannot open the database "${missing}": there is no such file; download it, or mend the path`,
    });
    const text = path.join(folder, "text.mmdb");
    writeFileSync(text, "no database");
    await assert.rejects(mmdb({ files: [text] }), {
      message: `Cannot open the database "${text}": it is no database; download it again`,
    });
    await assert.rejects(mmdb({ files: [] }), TypeError);
  });
  test("a file that changes is read again; a broken one is not taken", async () => {
    const file = path.join(folder, "changing.mmdb");
    copyFileSync(COUNTRIES!.replace(".mmdb", "-ipv6.mmdb"), file);
    const errors: Error[] = [];
    const provider = await mmdb({ files: [file], checkSeconds: 0.05, onError: (error) => errors.push(error) });
    const country = (): unknown => provider.read(request, at("193.0.6.139")).country;
    assert.equal(country(), undefined);
    copyFileSync(COUNTRIES!, file);
    utimesSync(file, 1, 1);
    for (let waited = 0; country() === undefined && waited < 5_000; waited += 20) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    assert.equal(country(), "NL");
    writeFileSync(file, "half a datab");
    await assert.rejects(provider.refresh(), /it is no database/);
    assert.equal(country(), "NL");
    provider.close();
  });
});

const PLACE = {
  continent: { code: "SA", names: { en: "South America" } },
  country: { iso_code: "BR", names: { en: "Brazil" } },
  subdivisions: [{ iso_code: "SP", names: { en: "São Paulo" } }],
  city: { names: { en: "São Paulo" } },
  postal: { code: "01000" },
  location: { time_zone: "America/Sao_Paulo", latitude: -23.5475, longitude: -46.6361, accuracy_radius: 20 },
};
const ASN = { autonomous_system_number: 64_496, autonomous_system_organization: "Example, Inc." };

/** What each kind of database has, and what is read of it. */
const KINDS: readonly (readonly [what: string, type: string, networks: Networks, stamped: Record<string, unknown>])[] =
  [
    ["a place", "GeoLite2-City", { "198.51.100.0/24": PLACE }, {
      country: "BR",
      isEUCountry: false,
      continent: "SA",
      region: "São Paulo",
      regionCode: "SP",
      city: "São Paulo",
      postalCode: "01000",
      timezone: "America/Sao_Paulo",
      latitude: -23.5475,
      longitude: -46.6361,
    }],
    ["a place in the EU, and little else", "GeoLite2-Country", {
      "198.51.100.0/24": { country: { iso_code: "NL", is_in_european_union: true } },
    }, { country: "NL", isEUCountry: true }],
    ["a network's owner", "GeoLite2-ASN", { "198.51.100.0/25": ASN }, {
      asn: 64_496,
      asOrganization: "Example, Inc.",
    }],
    ["an anonymous address", "GeoIP2-Anonymous-IP", {
      "198.51.100.7/32": { is_anonymous: true, is_anonymous_vpn: true, is_tor_exit_node: true },
    }, {
      isAnonymous: true,
      isAnonymousVpn: true,
      isHostingProvider: false,
      isPublicProxy: false,
      isResidentialProxy: false,
      isTorExitNode: true,
    }],
    ["an address that nobody calls anonymous", "GeoIP2-Anonymous-IP", { "203.0.113.0/24": { is_anonymous: true } }, {
      isAnonymous: false,
      isAnonymousVpn: false,
      isHostingProvider: false,
      isPublicProxy: false,
      isResidentialProxy: false,
      isTorExitNode: false,
    }],
    ["an address that no database has", "GeoLite2-City", { "203.0.113.0/24": PLACE }, {}],
    ["values of other types than the format's", "GeoLite2-City", {
      "198.51.100.0/24": { country: { iso_code: 7 }, city: "Bern", location: { latitude: "1" }, subdivisions: {} },
    }, {}],
  ];

describe("mmdb(): what each kind of database says", { skip }, () => {
  const folder = mkdtempSync(path.join(tmpdir(), "edgestamp-mmdb-"));
  after(() => rmSync(folder, { recursive: true }));
  const write = (name: string, type: string, networks: Networks, ipVersion: 4 | 6 = 6): string => {
    const file = path.join(folder, `${name}.mmdb`);
    writeFileSync(file, database(type, networks, ipVersion));
    return file;
  };
  for (const [what, type, networks, stamped] of KINDS) {
    test(what, async () => {
      const provider = await mmdb({ files: [write(what, type, networks)] });
      const signals = provider.read(request, at("198.51.100.7"));
      assert.deepEqual(signals, { ip: "198.51.100.7", ...stamped });
      assert.ok(v.is(edgeSignalsOnly, signals), "outside of the vocabulary");
      provider.close();
    });
  }
  test("a database of IPv4 alone says nothing of an IPv6 address, and that nothing is no finding", async () => {
    // c633:6407:: begins with the bits of 198.51.100.7.
    const ipv6 = "c633:6407::1";
    const network = { "198.51.100.0/24": { ...ASN, is_anonymous: true } };
    const types = [["owner4", "GeoLite2-ASN"], ["anonymous4", "GeoIP2-Anonymous-IP"]] as const;
    for (const [name, type] of types) {
      const provider = await mmdb({ files: [write(name, type, network, 4)] });
      assert.deepEqual(provider.read(request, at(ipv6)), { ip: ipv6 }, type);
      for (const address of ["198.51.100.7", "::ffff:198.51.100.7"]) {
        const signals = provider.read(request, at(address));
        assert.equal(signals.asn ?? signals.isAnonymous, type === "GeoLite2-ASN" ? ASN.autonomous_system_number : true);
      }
      // One that is changed for one of both knows it.
      write(name, type, network, 6);
      utimesSync(path.join(folder, `${name}.mmdb`), 1, 1);
      await provider.refresh();
      assert.equal(provider.read(request, at(ipv6)).isAnonymous, type === "GeoLite2-ASN" ? undefined : false);
      provider.close();
    }
  });
  test("several at once: of what two know, the later one is taken", async () => {
    const files = [
      write("one", "GeoLite2-City", { "198.51.100.0/24": PLACE }),
      write("two", "GeoLite2-ASN", { "198.51.100.0/24": ASN }),
      write("three", "GeoLite2-Country", { "198.51.100.0/24": { country: { iso_code: "NL" } } }),
    ];
    const provider = await mmdb({ files });
    const { country, city, asn } = provider.read(request, at("198.51.100.7"));
    assert.deepEqual({ country, city, asn }, { country: "NL", city: "São Paulo", asn: 64_496 });
    provider.close();
  });
  test("a changed file is in use at once when it is asked for, and a file that went away is said", async () => {
    const file = write("changing", "GeoLite2-ASN", { "198.51.100.0/24": ASN });
    const provider = await mmdb({ files: [file] });
    write("changing", "GeoLite2-ASN", { "198.51.100.0/24": { ...ASN, autonomous_system_number: 64_500 } });
    utimesSync(file, 1, 1);
    await provider.refresh();
    assert.equal(provider.read(request, at("198.51.100.7")).asn, 64_500);
    rmSync(file);
    await assert.rejects(provider.refresh(), /there is no such file; download it, or mend the path/);
    assert.equal(provider.read(request, at("198.51.100.7")).asn, 64_500, "what was read stays in use");
    provider.close();
  });
});

if (find("mmdb-lib") === undefined) {
  test("without the package the start says so", () =>
    assert.rejects(mmdb({ files: ["x.mmdb"] }), {
      name: "TypeError",
      message: "Cannot read databases: the package mmdb-lib is not installed; npm install mmdb-lib",
    }));
}
