/** The templates as their readers get them: with the package as it is packed, checked by their platform's own tools. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { npm, pack, type Packed } from "../../tools/pack.ts";
import { withBinaries } from "../conformance/servers.ts";
import { EXAMPLES } from "../platforms/templates.ts";
import { install } from "./installed.ts";

const skip = process.env["TEST_EXAMPLES"]
  ? false
  : "it takes minutes and needs npm's registry: `npm run test:examples`";
const run = promisify(execFile);

describe("the templates, with the packed package", () => {
  let packed: Packed;
  before(async () => {
    withBinaries();
    if (skip === false) packed = await pack();
  });
  after(() => packed?.remove());

  test("cloudflare: wrangler bundles it", { skip }, async () => {
    const template = await install("cloudflare", packed);
    assert.match(await template.script("check"), /--dry-run: exiting now/);
  });
  for (const name of ["vercel", "netlify"]) {
    test(`${name}: type-checks`, { skip }, async () => void await (await install(name, packed)).script("check"));
  }
  test("nextjs-middleware: type-checks, and builds without a key", { skip }, async () => {
    const template = await install("nextjs-middleware", packed);
    await template.script("check");
    await template.script("build", { EDGE_SEAL_KEY: "" });
  });
  test("lambda: its handler loads", { skip }, async () => {
    const { folder } = await install("lambda", packed);
    const code = `console.log(typeof (await import("./index.js")).handler)`;
    const { stdout } = await run("node", ["--input-type=module", "-e", code], { cwd: folder });
    assert.equal(stdout.trim(), "function");
  });
  test("bun-vm: does not start without its secret", { skip }, async () => {
    const template = await install("bun-vm", packed);
    await assert.rejects(template.script("start", { EDGE_TRUST: "headers" }), /EDGE_PROOF_SECRET: is needed/);
  });
  test("deno-deploy: type-checks", { skip }, async () => {
    const folder = path.join(packed.folder, "deno-deploy");
    await cp(path.join(EXAMPLES, "deno-deploy"), folder, { recursive: true });
    // The package is on no registry yet: from its tarball, as npm lays it out.
    const config = JSON.parse(await readFile(path.join(folder, "deno.json"), "utf8")) as Record<string, unknown>;
    assert.deepEqual(config["imports"], { "edgestamp/": `npm:/edgestamp@${packed.version}/` });
    await writeFile(
      path.join(folder, "deno.json"),
      JSON.stringify({ ...config, imports: {}, nodeModulesDir: "manual" }),
    );
    await writeFile(
      path.join(folder, "package.json"),
      JSON.stringify({ dependencies: { edgestamp: `file:${packed.tarball}` } }),
    );
    await npm(folder, ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]);
    await run("deno", ["task", "check"], { cwd: folder });
  });
});
