/** docs/doctor.md explains the checks that there are. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { CHECKS } from "../../cli/doctor/checks/index.ts";
import { HELP } from "../../cli/doctor.ts";

const page = await readFile(new URL("../../docs/doctor.md", import.meta.url), "utf8");

test("the table has every check, in the order in which they are printed", () => {
  const named = [...page.matchAll(/^\| `(\w+)` +\|/gm)].map(([, name]) => name);
  assert.deepEqual(named, CHECKS.map(({ name }) => name));
});

test("every option that it names is one of the command's", () => {
  const named = new Set([...page.matchAll(/--[a-z][a-z-]*(?=[ `)])/g)].map(([option]) => option));
  assert.ok(named.size > 6);
  assert.deepEqual([...named].filter((option) => !HELP.includes(`  ${option} `)), []);
});
