/** How large a file may be, and how it is called. How long a function may be, tools/lint_plugin.ts says. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { test } from "node:test";

const ROOT = path.join(import.meta.dirname, "../..");
const MOST_LINES = 300;
const MEDIAN_LINES = 120;
const SNAKE_CASE = /^_?[a-z\d]+(?:_[a-z\d]+)*(?:\.test|\.d)?\.tsx?$/;

const filesOf = (pattern: string): string[] => globSync(pattern, { cwd: ROOT }).sort();
const linesOf = (file: string): number => readFileSync(path.join(ROOT, file), "utf8").split("\n").length - 1;

for (const room of ["src", "adapters", "cli", "dev", "tools"]) {
  test(`${room}/: a file reads in one sitting`, () => {
    const sizes = filesOf(`${room}/**/*.{ts,tsx}`).map((file) => [linesOf(file), file] as const).sort(([a], [b]) =>
      a - b
    );
    assert.ok(sizes.length > 0);
    assert.deepEqual(sizes.filter(([lines]) => lines > MOST_LINES), [], `over ${MOST_LINES} lines: split by purpose`);
    assert.ok(sizes[sizes.length >> 1]![0] < MEDIAN_LINES, `the median is ${sizes[sizes.length >> 1]![0]} lines`);
  });
}

test("files are called in snake_case", () => {
  const files = filesOf("{src,adapters,cli,dev,tools,tests,bench}/**/*.{ts,tsx}").filter((file) =>
    !file.endsWith(".d.ts")
  );
  assert.ok(files.length > 300);
  assert.deepEqual(files.filter((file) => !SNAKE_CASE.test(path.basename(file))), []);
});
