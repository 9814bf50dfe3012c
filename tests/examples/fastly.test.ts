/**
 * The template for Fastly Compute: compiled by `@fastly/js-compute` with the package as it is packed, and
 * served. Its local server (Viceroy) is not to be had from npm, so `fastly_host.ts` stands for it.
 */
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { pack, type Packed } from "../../tools/pack.ts";
import { READY_MADE } from "../conformance/cases/index.ts";
import { PAGE, type Running, start, withBinaries } from "../conformance/servers.ts";
import { hold } from "../conformance/suite.ts";
import { casesFor } from "../platforms/cannot.ts";
import { JA3, JA4 } from "../unit/adapters/tables.ts";
import { install } from "./installed.ts";

const SKIP = process.env["TEST_EXAMPLES"]
  ? false
  : "it takes minutes and needs npm's registry: `npm run test:examples`";

/** What the host says of every caller, in the vocabulary: sentinels are null. */
const STAMP = {
  ip: "198.51.100.7",
  country: "BR",
  city: "curitiba",
  latitude: null,
  longitude: null,
  asn: 64_496,
  proxyType: null,
  ja3: JA3,
  ja4: JA4,
  tlsVersion: "TLSv1.3",
  tlsCipher: null,
};

const NAME = "the template for Fastly Compute, compiled and served";

// A skipped suite counts for nothing, a skipped test for what it is.
if (SKIP) test(NAME, { skip: SKIP }, () => {});

describe(NAME, { skip: SKIP }, () => {
  let packed: Packed;
  let wasm: string;
  before(async () => {
    withBinaries();
    packed = await pack();
    const service = await install("fastly", packed);
    await service.script("build");
    wasm = path.join(service.folder, "bin/main.wasm");
  });
  after(() => packed?.remove());

  const serve = (stores: object): Promise<Running> =>
    start("node", ["--no-warnings", "launch_fastly.ts", wasm, JSON.stringify(stores)], import.meta.dirname);

  describe("conformance on Fastly Compute", () => {
    hold({
      runtime: "node",
      cases: casesFor("Fastly Compute", READY_MADE),
      stamp: STAMP,
      start: ({ origin }) => {
        const common = { TRIGGER_API_UPSTREAM: origin };
        return serve({
          standard: { ...common, EDGE_ALLOWED_ORIGINS: `${PAGE}, https://*.example.org` },
          off: { ...common, EDGE_GUARD: "off" },
          chat: { ...common, EDGE_GUARD: "chat", EDGE_ALLOWED_ORIGINS: "*" },
        });
      },
    });
  });

  test("what it cannot do, it says", async () => {
    const server = await serve({ sealed: { EDGE_SEAL: "signed" } });
    try {
      const response = await fetch(`http://127.0.0.1:${server.ports["sealed"]}/api/v1/sessions`, {
        method: "POST",
        body: "{}",
      });
      assert.equal(response.status, 500);
      assert.match(await response.text(), /EDGE_SEAL: Fastly Compute has no Ed25519 and no AES-GCM/);
    } finally {
      await server.stop();
    }
  });
});
