/** The table of docs/platforms.md is what the providers themselves read. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { FIELDS } from "../../adapters/_fields.ts";
import { platformTable } from "../../tools/platform_table.ts";

/** A row without what the formatter adds so that columns align. */
const unaligned = (row: string): string => row.replace(/ +/g, " ").replace(/ ?-{3,} ?/g, "---");

test("platform × field × trust", async () => {
  const docs = (await readFile(new URL("../../docs/platforms.md", import.meta.url), "utf8")).split("\n").map(unaligned);
  const table = (await platformTable()).split("\n").map(unaligned);
  const missing = table.filter((row) => !docs.includes(row));
  assert.deepEqual(missing, [], "run `node tools/platform_table.ts` and put its table into docs/platforms.md");
  assert.equal(table.length, Object.keys(FIELDS).length + 2);
  const rows = docs.filter((row) => Object.keys(FIELDS).some((field) => row.startsWith(`| \`${field}\` |`)));
  assert.deepEqual(rows, table.slice(2), "docs/platforms.md has a row that no provider has");
});
