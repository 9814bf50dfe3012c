/** What is published: the files, the checkers' verdict, and a project that has nothing but the tarball. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { pack, type Packed } from "../../tools/pack.ts";
import { startUpstream } from "../runtime/spawned.ts";
import { type Consumer, installConsumer } from "./consumers.ts";
import { type Found, namesOn, RUNTIMES } from "./smoke_runs.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const BIN = path.join(ROOT, "node_modules/.bin");
const UNPACKED_BYTES = 2_000_000;
const run = promisify(execFile);

const { exports } = JSON.parse(readFileSync(path.join(ROOT, "deno.json"), "utf8")) as {
  exports: Readonly<Record<string, string>>;
};

describe("the package", () => {
  let packed: Packed;
  let consumer: Consumer;
  let unpacked: string;
  before(async () => {
    packed = await pack();
    unpacked = path.join(packed.folder, "unpacked");
    await mkdir(unpacked);
    await run("tar", ["-xzf", packed.tarball, "-C", unpacked, "--strip-components=1"]);
    consumer = await installConsumer(packed, Object.keys(exports));
  });
  after(() => packed?.remove());

  test("holds what is run, its types, the templates and the papers, and nothing else", () => {
    const papers = ["CHANGELOG.md", "LICENSE", "README.md", "SECURITY.md", "package.json"];
    assert.deepEqual(packed.files.filter((file) => !/^(?:dist|examples)\//.test(file)).sort(), papers);
    const litter = /(?:^|\/)(?:node_modules|dist|\.next|\.wrangler|package-lock\.json|\.env|\.dev\.vars)(?:\/|$)/;
    const templates = packed.files.filter((file) => file.startsWith("examples/"));
    assert.ok(templates.includes("examples/cloudflare/wrangler.jsonc"), "`edgestamp init` writes the examples");
    assert.deepEqual(templates.filter((file) => litter.test(file)), []);
    const scripts = packed.files.filter((file) => /^dist\/(?:mod|(?:src|adapters|cli)\/.+)\.js$/.test(file));
    const known = new Set([...scripts, ...scripts.map((file) => file.replace(/\.js$/, ".d.ts"))]);
    const others = packed.files.filter((file) => /^dist\/(?!dev\/)/.test(file) && !known.has(file));
    assert.deepEqual(others, []);
    assert.deepEqual([...known].filter((file) => !packed.files.includes(file)), [], "each script has its types");
    assert.ok(packed.unpackedBytes < UNPACKED_BYTES, `${packed.unpackedBytes} bytes`);
  });

  test("names in its types no source file and no folder of whoever built it", async () => {
    for (const file of packed.files.filter((name) => /\.(?:js|d\.ts)$/.test(name))) {
      const text = (await readFile(path.join(unpacked, file), "utf8")).replace(/\/\*[^]*?\*\//g, "");
      assert.doesNotMatch(text, /(?:from |import\()"\.[^"]*\.ts"|reference (?:types|path)=/, file);
      assert.ok(!text.includes(ROOT), `${file} names ${ROOT}`);
    }
  });

  test("publint has nothing to say", async () => {
    const { stdout } = await run(path.join(BIN, "publint"), ["run", unpacked, "--strict", "--pack=false"]);
    assert.match(stdout, /All good!/);
  });

  test("its types resolve as its code does, for everything that knows ES modules", async () => {
    const { stdout } = await run(path.join(BIN, "attw"), [packed.tarball, "--profile", "esm-only", "--format", "json"]);
    const { analysis } = JSON.parse(stdout) as { analysis: { entrypoints: Record<string, unknown> } };
    assert.deepEqual(Object.keys(analysis.entrypoints).sort(), [...Object.keys(exports), "./package.json"].sort());
  });

  for (const [runtime, launch] of Object.entries(RUNTIMES)) {
    test(`runs on ${runtime}: every export is imported, and a chat is stamped`, async () => {
      const upstream = await startUpstream((_, response) => response.end('{"id":"session_1"}'));
      try {
        const found = await launch(consumer, upstream.url);
        assertFound(found, namesOn(runtime, consumer));
        const [{ body } = { body: "" }] = upstream.seen;
        assert.equal(upstream.seen.length, 1, "a refusal went upstream");
        assert.match(body, /"metadata":\{"__edge":\{"country":"NL"\}\}/);
      } finally {
        upstream.close();
      }
    });
  }

  test("its command runs from node_modules/.bin", async () => {
    const { stdout } = await run(path.join(consumer.folder, "node_modules/.bin/edgestamp"), ["keygen"], {
      env: { ...process.env, PATH: `${BIN}${path.delimiter}${process.env["PATH"] ?? ""}` },
    });
    assert.match(stdout, /EDGE_SEAL_KEY/);
  });
});

function assertFound(found: Found, names: readonly string[]): void {
  assert.deepEqual(Object.keys(found.exports).sort(), [...names].sort());
  for (const [name, values] of Object.entries(found.exports)) assert.ok(values.length > 0, `${name} exports nothing`);
  assert.deepEqual(found.created, [200, { id: "session_1" }]);
  assert.deepEqual(found.refused, [422, "edge_record_kind"]);
}
