/** What is not imported costs nothing, and what a browser loads is small. */

import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, it } from "node:test";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** What a bundle of one of the subpaths is made of. */
async function bundle(entry: string): Promise<{ inputs: string[]; bytes: Uint8Array }> {
  const { metafile, outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: "esm",
    metafile: true,
    write: false,
    logLevel: "error",
  });
  // Only what is left of a file after what nobody uses was taken out.
  const used = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) => bytesInOutput > 0 ? [file] : [])
  );
  return { inputs: used, bytes: outputFiles[0]!.contents };
}

const ROOMS = /^src\/(?:pass|admit|verdicts|server|client|seal|agent)\b/;
const among = (inputs: readonly string[], pattern: RegExp): string[] => inputs.filter((file) => pattern.test(file));

describe("bundles", () => {
  it("of the proxy hold nothing of passes, policies or captchas, nor what they need", async () => {
    for (const entry of ["mod.ts", "adapters/cloudflare.ts"]) {
      const { inputs } = await bundle(entry);
      const allowed = entry === "mod.ts" ? /^$/ : /^src\/seal/;
      assert.deepEqual(among(inputs, ROOMS).filter((file) => !allowed.test(file)), [], entry);
      if (entry === "mod.ts") assert.deepEqual(among(inputs, /node_modules\/jose/), []);
    }
  });
  it("of policies, captchas and server actions hold neither jose nor the proxy", async () => {
    for (const entry of ["src/admit.ts", "src/verdicts.ts", "src/server.ts"]) {
      const { inputs } = await bundle(entry);
      assert.deepEqual(among(inputs, /node_modules|src\/(?:proxy|splice|body|pass|seal)/), [], entry);
    }
  });
  it("of the browser's client are one file below 1.2 kB", async () => {
    const { inputs, bytes } = await bundle("src/client.ts");
    assert.deepEqual(inputs, ["src/client.ts"]);
    const size = gzipSync(bytes, { level: 9 }).byteLength;
    assert.ok(size < 1_200, `${size} bytes`);
  });
});
