/** What is not imported costs nothing, and what is has a budget: `node tools/bundle_report.ts` prints them all. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ALGORITHMS, BUDGETED, budgetOf, DECRYPTS, ENCRYPTS, SIGNS, VERIFIES } from "../../tools/bundle_budgets.ts";
import { bundle, bundleOf, problemsOf, readExports } from "../../tools/bundle_report.ts";

const exports = readExports();

describe("each export keeps its budget, and has nothing in it that must not be", () => {
  for (const [key, file] of Object.entries(exports)) {
    test(key, async () => {
      const made = await bundleOf(file);
      assert.ok(made.files.length > 0, "the bundle is empty");
      assert.deepEqual(problemsOf(key, made), []);
    });
  }
  test("no budget is left of an export that there is no more", () => {
    assert.deepEqual(BUDGETED.filter((key) => exports[key] === undefined), []);
  });
});

describe("one import brings what it needs and no more", () => {
  const rows: readonly [name: string, code: string, has: readonly RegExp[], hasNot: readonly RegExp[]][] = [
    [
      "a signing proxy has nothing of encryption",
      'export { createProxy } from "./mod.ts"; export { signed } from "./src/seal.ts";',
      [SIGNS, /^src\/proxy\.ts$/],
      [ENCRYPTS, DECRYPTS, VERIFIES],
    ],
    ["an encrypting seal has nothing of signing", 'export { encrypted } from "./src/seal.ts";', [ENCRYPTS], [
      SIGNS,
      VERIFIES,
      DECRYPTS,
    ]],
    ["the agent's side opens and does not seal", 'export { edgeAgent } from "./src/agent.ts";', [VERIFIES, DECRYPTS], [
      SIGNS,
      ENCRYPTS,
    ]],
  ];
  for (const [name, code, has, hasNot] of rows) {
    test(name, async () => {
      const { files } = await bundle(code);
      for (const pattern of has) assert.ok(files.some((file) => pattern.test(file)), `${pattern} is not in it`);
      for (const pattern of hasNot) assert.deepEqual(files.filter((file) => pattern.test(file)), [], String(pattern));
    });
  }
  test("a signing proxy names no algorithm of encryption, and an encrypting one does", async () => {
    const { text: signing } = await bundle('export { signed } from "./src/seal.ts";');
    assert.equal(ALGORITHMS.exec(signing.replaceAll("EdDSA", ""))?.[0], undefined);
    assert.match((await bundle('export { encrypted } from "./src/seal.ts";')).text, ALGORITHMS);
  });
});

test("what is too large, or has too much in it, is named", () => {
  const made = { text: "A256GCM", bytes: 1, gzipBytes: 1_000_000, files: ["src/seal.ts", "src/proxy.ts"] };
  const { gzipBytes } = budgetOf(".");
  assert.deepEqual(problemsOf(".", made), [
    `. is ${1_000_000 - gzipBytes} bytes over its ${gzipBytes}`,
    ". has src/seal.ts in it",
    ". has A256GCM in it",
  ]);
});
