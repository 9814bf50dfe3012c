/** A project that has nothing but the tarball, read by each compiler that is promised, with everything checked. */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { readExports } from "../../tools/bundle_report.ts";
import { pack, type Packed } from "../../tools/pack.ts";
import { compile, COMPILERS, type Consumer, type GLOBALS, installConsumer, RESOLUTIONS } from "./consumers.ts";

describe("the package's types", () => {
  let packed: Packed;
  let consumer: Consumer;
  before(async () => {
    packed = await pack();
    consumer = await installConsumer(packed, Object.keys(readExports()));
  });
  after(() => packed?.remove());

  for (const compiler of COMPILERS) {
    for (const resolution of Object.keys(RESOLUTIONS) as (keyof typeof RESOLUTIONS)[]) {
      test(`compiles on TypeScript ${compiler}, ${resolution}`, async () => {
        assert.equal(await compile(consumer, compiler, resolution, "web"), "");
      });
    }
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
