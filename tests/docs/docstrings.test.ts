/** Whatever is exported says what it is, and each front door says what is behind it: JSR shows it to readers. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { test } from "node:test";
import { stripVTControlCharacters } from "node:util";
import { ROOT, textOf } from "./markdown.ts";
import { SPECIFIERS } from "./programs.ts";

const doors = Object.values(SPECIFIERS).map((file) => path.relative(ROOT, file));

test("each front door has a word about itself, with @module", () => {
  const silent = doors.filter((file) =>
    !/^(?:\/\/ deno-lint-ignore[^\n]*\n)?\/\*\*\n(?: \*[^\n]*\n)+? \* @module\n/.test(textOf(file))
  );
  assert.deepEqual(silent, []);
});

test("each export has a word about itself", () => {
  const deno = path.join(ROOT, "node_modules/.bin/deno");
  const { stderr } = spawnSync(deno, ["doc", "--lint", ...doors], { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 26 });
  const said = stripVTControlCharacters(stderr);
  assert.match(said, /^error\[|Checked \d+ files/m);
  const found = [...said.matchAll(/missing-jsdoc\]: .*\n\s*--> (.+?):(\d+):\d+/g)];
  // Of a member, its name and its type say enough.
  const exported = found.filter(([, file, line]) =>
    textOf(path.relative(ROOT, file!)).split("\n")[Number(line) - 1]!.startsWith("export")
  );
  assert.deepEqual(exported.map(([, file, line]) => `${path.relative(ROOT, file!)}:${line}`), []);
});
