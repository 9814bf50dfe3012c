import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { DEFAULT_LIMITS } from "../../mod.ts";
import { refusalTable } from "../../tools/refusal_table.ts";

const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");

test("the README's table of refusals is the code's own list", () => {
  assert.ok(readme.includes(refusalTable()), "run `node tools/refusal_table.ts` and put its table into the README");
});

test("the README's limits are the defaults", () => {
  for (const [name, value] of Object.entries(DEFAULT_LIMITS)) {
    assert.match(
      readme,
      new RegExp(`${name}: ${value.toLocaleString("en").replaceAll(",", "_")}\\b`.replace(/(?<=: )256/, "256")),
    );
  }
});
