import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { DEFAULT_LIMITS, REFUSALS } from "../../mod.ts";
import { refusalTable } from "../../tools/refusal_table.ts";

const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");

/** A row of a table without what the formatter adds so that columns align. */
const unaligned = (row: string): string => row.replace(/ +/g, " ").replace(/ ?-{3,} ?/g, "---");
const rows = new Set(readme.split("\n").map(unaligned));

test("the README's table of refusals is the code's own list", () => {
  const missing = refusalTable().split("\n").filter((row) => !rows.has(unaligned(row)));
  assert.deepEqual(missing, [], "run `node tools/refusal_table.ts` and put its table into the README");
  const known = [...rows].filter((row) => row.startsWith("| `edge_")).length;
  assert.equal(known, Object.keys(REFUSALS).length, "the README has a row for a code that there is not");
});

test("the README's limits are the defaults", () => {
  for (const [name, value] of Object.entries(DEFAULT_LIMITS)) {
    assert.match(
      readme,
      new RegExp(`${name}: ${value.toLocaleString("en").replaceAll(",", "_")}\\b`.replace(/(?<=: )256/, "256")),
    );
  }
});
