/** Imports have one direction, and the check that says so notices each that has not. */
import assert from "node:assert/strict";
import path from "node:path";
import { describe, test } from "node:test";
import { problemsIn, problemsOf, SHIPPED } from "../../tools/check_imports.ts";
import { cyclesOf, importsOf, type ModuleGraph, readGraph } from "../../tools/module_graph.ts";

const ROOT = path.join(import.meta.dirname, "../..");

/** A graph in a shorter spelling. */
const graphOf = (rows: Readonly<Record<string, readonly string[]>>): ModuleGraph =>
  new Map(Object.entries(rows).map(([file, imports]) => [file, imports.map((to) => ({ to, typesOnly: false }))]));

test("no import runs back up", () => {
  assert.deepEqual(problemsIn(ROOT), []);
});

test("the graph has every import of the rooms it reads", () => {
  const graph = readGraph(ROOT, SHIPPED);
  const imports = [...graph.values()].flat();
  assert.ok(graph.size > 80 && imports.length > 300, `${imports.length} imports in ${graph.size} files`);
  const unknown = imports.filter(({ to }) => /^(?:\.|\/)|\.ts$/.test(to) && !graph.has(to) && !to.startsWith("dev/"));
  assert.deepEqual(unknown, []);
});

describe("what an import is", () => {
  const rows: readonly [text: string, to: string, typesOnly: boolean][] = [
    ['import { a, type B } from "./b.ts";', "src/b.ts", false],
    ['import type { A } from "../mod.ts";', "mod.ts", true],
    ['import * as v from "valibot";', "valibot", false],
    ['import {\n  a,\n  b as c,\n} from "./deep/er.ts";', "src/deep/er.ts", false],
    ['import "./effect.ts";', "src/effect.ts", false],
    ['export { type A } from "./a.ts";', "src/a.ts", false],
    ['export * from "./a.ts";', "src/a.ts", false],
    ['const { a } = await import("./late.ts");', "src/late.ts", false],
  ];
  for (const [text, to, typesOnly] of rows) {
    test(JSON.stringify(text), () => assert.deepEqual(importsOf("src/x.ts", `${text}\n`), [{ to, typesOnly }]));
  }
  test("examples in comments are none", () => {
    assert.deepEqual(importsOf("src/x.ts", '/**\n * import { a } from "a";\n */\n// import "b";\nconst c = 1;\n'), []);
  });
});

describe("each that runs back up is named", () => {
  const rows: readonly [file: string, to: string][] = [
    ["mod.ts", "src/seal/keys.ts"],
    ["mod.ts", "src/seal.ts"],
    ["mod.ts", "adapters/node.ts"],
    ["src/cors.ts", "adapters/_ip.ts"],
    ["src/agent/judge.ts", "cli/main.ts"],
    ["src/errors.ts", "node:process"],
    ["src/trust.ts", "zod"],
    ["src/proxy.ts", "src/seal.ts"],
    ["src/stamp.ts", "jose"],
    ["src/options.ts", "src/pass/token.ts"],
    ["src/seal.ts", "src/proxy.ts"],
    ["src/pass/request.ts", "src/splice.ts"],
    ["src/seal/claims.ts", "src/seal.ts"],
    ["src/agent/guard.ts", "src/pass.ts"],
    ["adapters/deno.ts", "src/routes.ts"],
    ["adapters/_server.ts", "src/body.ts"],
    ["adapters/node.ts", "src/seal/keys.ts"],
    ["adapters/bun.ts", "dev/mod.ts"],
    ["cli/main.ts", "tools/build.ts"],
    ["dev/mod.ts", "tests/e2e/world.ts"],
  ];
  for (const [file, to] of rows) {
    test(`${file} → ${to}`, () => {
      const [problem = "none"] = problemsOf(graphOf({ [file]: [to] }));
      assert.ok(problem.startsWith(`${file} imports ${to}: `), problem);
    });
  }
  test("a ring", () => {
    const ring = graphOf({ "src/a.ts": ["src/b.ts"], "src/b.ts": ["src/c.ts"], "src/c.ts": ["src/a.ts"] });
    assert.deepEqual(cyclesOf(ring), [["src/a.ts", "src/b.ts", "src/c.ts", "src/a.ts"]]);
    assert.match(problemsOf(ring)[0]!, /^a ring of imports: src\/a\.ts > /);
  });
  test("a diamond is no ring", () => {
    assert.deepEqual(cyclesOf(graphOf({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] })), []);
  });
});
