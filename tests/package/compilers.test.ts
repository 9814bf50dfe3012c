/** A project that has nothing but the tarball, read by each compiler that is promised, with everything checked. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { readExports } from "../../tools/bundle_report.ts";
import { pack, type Packed } from "../../tools/pack.ts";
import {
  compile,
  type COMPILERS,
  type Consumer,
  type GLOBALS,
  installConsumer,
  type RESOLUTIONS,
} from "./consumers.ts";

/** The oldest and the newest read it both ways; what is between them one way each, for a compiler takes its time. */
const PROJECTS: readonly (readonly [(typeof COMPILERS)[number], keyof typeof RESOLUTIONS])[] = [
  ["5.7", "NodeNext"],
  ["5.7", "bundler"],
  ["5.9", "bundler"],
  ["6.0", "NodeNext"],
  ["7.0", "NodeNext"],
  ["7.0", "bundler"],
];

describe("the package's types", () => {
  let packed: Packed;
  let consumer: Consumer;
  before(async () => {
    packed = await pack();
    consumer = await installConsumer(packed, Object.keys(readExports()));
  });
  after(() => packed?.remove());

  for (const [compiler, resolution] of PROJECTS) {
    test(`compiles on TypeScript ${compiler}, ${resolution}`, async () => {
      assert.equal(await compile(consumer, compiler, resolution, "web"), "");
    });
  }
  for (const globals of ["node", "workers"] as const satisfies readonly (keyof typeof GLOBALS)[]) {
    test(`compiles beside the types of ${globals} alone`, async () => {
      assert.equal(await compile(consumer, "7.0", "NodeNext", globals), "");
    });
  }

  test("a compiler that finds something says so", async () => {
    await writeFile(path.join(consumer.folder, "usage.ts"), 'import { nothing } from "edgestamp";\nvoid nothing;\n');
    assert.match(await compile(consumer, "7.0", "NodeNext", "web"), /TS2305/);
  });
});
