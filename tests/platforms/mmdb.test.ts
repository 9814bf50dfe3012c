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

if (find("mmdb-lib") === undefined) {
  test("without the package the start says so", () =>
    assert.rejects(mmdb({ files: ["x.mmdb"] }), {
      name: "TypeError",
      message: "Cannot read databases: the package mmdb-lib is not installed; npm install mmdb-lib",
    }));
}
