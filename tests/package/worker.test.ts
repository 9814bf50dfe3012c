/** The ready Worker, as it is deployed: workers start cold, so each KiB is paid for by somebody who waits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ALGORITHMS } from "../../tools/bundle_budgets.ts";
import { bundle } from "../../tools/bundle_report.ts";

/** 12 KiB. Before it is raised, see what came in: `node tools/bundle_report.ts` names the exports. */
const GZIP_BYTES = 12 * 1024 - 32; // what wrangler's line about the source map adds

test("the ready Worker is at most 12 KiB, minified and gzipped", async () => {
  // What an own Worker's `export { default } from "edgestamp/cloudflare"` brings, and wrangler.jsonc's `main`.
  for (const file of ["cloudflare", "cloudflare_worker"]) {
    const { gzipBytes, files, text } = await bundle(`export { default } from "./adapters/${file}.ts";`);
    assert.ok(gzipBytes <= GZIP_BYTES, `${file} is ${gzipBytes - GZIP_BYTES} bytes over`);
    assert.ok(gzipBytes > GZIP_BYTES / 2, "the bundle is empty");
    assert.deepEqual(files.filter((name) => /node_modules/.test(name)), []);
    assert.deepEqual(files.filter((name) => /^src\/(?:plugs|compile|seal|pass|admit|watch|ready)\b/.test(name)), []);
    assert.ok(!ALGORITHMS.test(text));
  }
});
