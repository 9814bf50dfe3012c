/** What documents have from the code is what the code has now. */
import assert from "node:assert/strict";
import { existsSync, globSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import { DEFAULT_LIMITS } from "../../mod.ts";
import { missingCodes } from "../../tools/draw_way.ts";
import { PARTS, readPart } from "../../tools/write_docs.ts";
import { DOCUMENTS, ROOT, textOf } from "./markdown.ts";

/** Text without what the formatter adds: columns that align, lines that are wrapped. */
const plain = (text: string): string => text.replace(/ ?-{3,} ?/g, "---").replace(/\s+/g, " ").trim();

describe("written from the code", () => {
  for (const { file, name, make } of PARTS) {
    test(`${name} in ${file}`, () => {
      assert.equal(plain(readPart(file, name)), plain(make()), "it is stale: `npm run docs` writes it");
    });
  }
  test("the picture has every refusal of the way", () => assert.deepEqual(missingCodes(), []));
  test("the limits that the documents name are the defaults", () => {
    const options = textOf("docs/configuration.md");
    for (const [name, value] of Object.entries(DEFAULT_LIMITS)) {
      const spelled = value < 1_000 ? String(value) : value.toLocaleString("en").replaceAll(",", "_");
      assert.match(options, new RegExp(`\\b${name}: ${spelled}\\b`));
    }
  });
});

describe("links", () => {
  for (const file of DOCUMENTS) {
    test(`${file} names files that are there`, () => {
      const links = [...textOf(file).matchAll(/\]\((?!https?:|#)([^)#\s]+)(?:#([^)]+))?\)/g)];
      const broken = links.filter(([, target, heading]) => {
        const found = path.join(path.dirname(file), target!);
        return !existsSync(path.join(ROOT, found)) || (heading !== undefined && !headingsOf(found).has(heading));
      });
      assert.deepEqual(broken.map(([link]) => link), []);
    });
  }
  test("the threat model names tests that are there", () => {
    const named = [...textOf("docs/threat-model.md").matchAll(/`(tests\/[\w./]+)`/g)].map(([, name]) => name!);
    assert.ok(named.length > 10);
    assert.deepEqual(named.filter((name) => !existsSync(path.join(ROOT, name))), []);
  });
  test("every document can be found from the README", () => {
    const readme = textOf("README.md");
    assert.deepEqual(globSync("docs/*.md", { cwd: ROOT }).filter((file) => !readme.includes(`](${file})`)), []);
    const decisions = textOf("docs/decisions/README.md");
    const all = globSync("docs/decisions/0*.md", { cwd: ROOT }).map((file) => path.basename(file));
    assert.ok(all.length > 5);
    assert.deepEqual(all.filter((name) => !decisions.includes(`](${name})`)), []);
  });
});

/** The names that GitHub gives to headings. */
function headingsOf(file: string): Set<string> {
  const headings = [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, text]) => text!);
  return new Set(headings.map((text) => text.toLowerCase().replace(/[^\w\- ]/g, "").replaceAll(" ", "-")));
}
