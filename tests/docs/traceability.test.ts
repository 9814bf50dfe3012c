/** The table that traces rules to tests names files that there are. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const TESTS = path.join(import.meta.dirname, "..");

test("every file that the table names exists", () => {
  const table = readFileSync(path.join(TESTS, "README.md"), "utf8").split("## Which rule is held by what")[1]!;
  const named = [...table.matchAll(/`([\w./]+(?:\.ts|\/))`/g)].map(([, name]) => name!);
  assert.ok(named.length > 80, `only ${named.length} files are named`);
  const missing = named.filter((name) => !existsSync(path.join(TESTS, name.replace(/^cases\//, "conformance/cases/"))));
  assert.deepEqual(missing, []);
});

test("every topic of the conformance list is named", () => {
  const table = readFileSync(path.join(TESTS, "README.md"), "utf8");
  const index = readFileSync(path.join(TESTS, "conformance/cases/index.ts"), "utf8");
  const topics = [...index.matchAll(/from "\.\/(\w+\.ts)"/g)].map(([, name]) => `cases/${name}`);
  assert.deepEqual(topics.filter((topic) => !table.includes(topic)), []);
});

test("every folder of tests is named", () => {
  const table = readFileSync(path.join(TESTS, "README.md"), "utf8");
  const folders = new Set(globSync("*/**/*.test.ts", { cwd: TESTS }).map((file) => file.split(path.sep)[0]!));
  assert.ok(folders.size > 10);
  assert.deepEqual([...folders].filter((folder) => !table.includes(`\`${folder}/\``)), []);
});
