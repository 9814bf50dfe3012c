/** What a release needs is asked for, and the workflows run nothing that is not pinned, with no right that they do not need. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { type Candidate, problemsOf } from "../../tools/check_release.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const WORKFLOWS = path.join(ROOT, ".github/workflows");

const READY: Candidate = {
  tag: "v1.2.3",
  npmVersion: "1.2.3",
  jsrVersion: "1.2.3",
  changelog: "# Changelog\n\n## 1.2.3 (2026-11-21)\n\n- All.\n",
  changes: "",
};

describe("a release", () => {
  test("that is ready has no problems", () => assert.deepEqual(problemsOf(READY), []));
  const rows: readonly [name: string, change: Partial<Candidate>, problem: RegExp][] = [
    ["versions that differ", { jsrVersion: "1.2.2" }, /package\.json says 1\.2\.3 and deno\.json 1\.2\.2/],
    ["a tag of another version", { tag: "v1.2.4" }, /the tag v1\.2\.4 is not v1\.2\.3/],
    ["a tag that only ends like it", { tag: "xv1.2.3" }, /is not v1\.2\.3/],
    ["nothing in the changelog", { changelog: "## Unreleased\n" }, /no "## 1\.2\.3 \(YYYY-MM-DD\)"/],
    ["a version that another one begins with", { changelog: "## 1.2.30 (2026-11-21)\n" }, /no "## 1\.2\.3 /],
    ["files that differ", { changes: " M mod.ts\n" }, /the tree has changes/],
  ];
  for (const [name, change, problem] of rows) {
    test(`is refused for ${name}`, () => {
      const problems = problemsOf({ ...READY, ...change });
      assert.equal(problems.length, 1);
      assert.match(problems[0]!, problem);
    });
  }
  test("before its tag only has to be written up", () => {
    assert.deepEqual(problemsOf({ ...READY, tag: undefined, changelog: "## Unreleased\n" }), []);
    assert.equal(problemsOf({ ...READY, tag: undefined, changelog: "## 1.2.2 (2026-11-20)\n" }).length, 1);
  });
});

for (const file of readdirSync(WORKFLOWS)) {
  describe(`the workflow ${file}`, () => {
    const text = readFileSync(path.join(WORKFLOWS, file), "utf8");
    test("pins each action by a whole commit, and says which version that is", () => {
      const uses = [...text.matchAll(/^\s*-? *uses: (.+)$/gm)].map(([, used]) => used!);
      assert.ok(uses.length > 0);
      assert.deepEqual(uses.filter((used) => !/^[\w-]+\/[\w-]+@[\da-f]{40} # v\d+\.\d+\.\d+$/.test(used)), []);
    });
    test("begins without rights, and leaves none behind in the checkout", () => {
      assert.match(text, /^permissions: \{\}$/m);
      assert.equal(
        [...text.matchAll(/actions\/checkout@/g)].length,
        [...text.matchAll(/persist-credentials: false/g)].length,
      );
      assert.doesNotMatch(text, /: write(?! # )/, "a right to write has its reason beside it");
      assert.doesNotMatch(
        text,
        /secrets\.|pull_request_target|\$\{\{ *github\.(?:event|head_ref)[^}]*(?:title|body|head_ref)/,
      );
    });
    test("runs scripts that there are", () => {
      const { scripts } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as {
        scripts: Record<string, string>;
      };
      const run = [...text.matchAll(/npm run ([\w:]+)/g)].map(([, name]) => name!);
      assert.deepEqual(run.filter((name) => scripts[name] === undefined), []);
    });
  });
}
