/**
 * Runs the unit tests inside workerd: bare, as an older compatibility date has it, and at the newest
 * date, where Node's globals are there.
 *
 * `node tools/workerd/run_unit.ts [file…]`
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { build } from "esbuild";

// From 2026-08-04 on nodejs_compat is the default.
const DATES = ["2026-07-01", "2026-11-17"];

const root = path.join(import.meta.dirname, "../..");
const files = process.argv.length > 2
  ? process.argv.slice(2)
  : globSync("tests/unit/**/*.test.ts", { cwd: root }).sort();
const directory = mkdtempSync(path.join(tmpdir(), "edgestamp-unit-"));
try {
  await bundle();
  for (const date of DATES) runAt(date);
} finally {
  rmSync(directory, { recursive: true });
}

async function bundle(): Promise<void> {
  const shim = (name: string): string => path.join(import.meta.dirname, name);
  const imports = files.map((file) => `import ${JSON.stringify(path.resolve(root, file))};`);
  await build({
    stdin: {
      contents: `${imports.join("\n")}\nexport { default } from ${JSON.stringify(shim("entry.ts"))};`,
      resolveDir: root,
    },
    outfile: path.join(directory, "tests.js"),
    bundle: true,
    format: "esm",
    mainFields: ["module", "main"],
    // package.json says that no module has side effects: without this the test files themselves are dropped.
    ignoreAnnotations: true,
    alias: { "node:test": shim("test.ts"), "node:assert/strict": shim("assert.ts") },
    // A bundle is one module, and its being the main one makes no server of what is tested.
    define: { "import.meta.main": "false" },
    external: ["node:*"],
    logLevel: "warning",
  });
}

function runAt(date: string): void {
  writeFileSync(
    path.join(directory, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (services = [(name = "unit", worker = (
      compatibilityDate = "${date}", modules = [(name = "tests.js", esModule = embed "tests.js")]))]);`,
  );
  const { status, stdout, stderr } = spawnSync("workerd", ["test", path.join(directory, "config.capnp")], {
    encoding: "utf8",
  });
  const failed = status !== 0 || !stdout.includes(" passed, ");
  process.stdout.write(`workerd at ${date}\n${stdout}${failed ? stderr : ""}`);
  if (failed) process.exitCode = 1;
}
