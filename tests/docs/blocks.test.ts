/** Every block of code that a reader is shown compiles; and what stands alone, runs. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { type Block, blocksOf, DOCUMENTS, ROOT, SOURCES } from "./markdown.ts";
import { type Program, readNames, removePrograms, SPECIFIERS, writePrograms } from "./programs.ts";

const BIN = path.join(ROOT, "node_modules/.bin");
const run = promisify(execFile);

/** `ignore` says that a block is no module of its own: two files in one, or another tool's. */
const isCode = ({ language }: Block): boolean => /^tsx?(?: |$)(?!ignore)/.test(language);
const blocks = [...DOCUMENTS, ...SOURCES].flatMap((file) => blocksOf(file)).filter(isCode);

/** What listens, and what belongs to another runtime, is compiled and not run. */
const STARTS_SOMETHING =
  /\b(?:serve|listen|startDev|startLocal|connect)\(|edgestamp\/(?:bun|deno|dev|mmdb|fastly-compute)"/;
/** A key that a reader has to put in. */
const LEFT_OUT = /["'][^"'\n]*…/;
const OURS = /^(?:edgestamp(?:\/.*)?|zod|node:.*)$/;

function runsAlone({ block: { code }, isWhole }: Program): boolean {
  const imports = [...code.matchAll(/from "([^"]+)"/g)].map(([, name]) => name!);
  if (!isWhole || imports.length === 0 || !imports.every((name) => OURS.test(name))) return false;
  return !STARTS_SOMETHING.test(code) && !LEFT_OUT.test(code);
}

describe("blocks of code", () => {
  let folder: string;
  let programs: Program[];
  let said: string;
  before(async () => {
    ({ folder, programs } = writePrograms(blocks, await readNames()));
    said = await compile(folder);
  });
  after(() => removePrograms(folder));

  test("there are many, in documents and in comments", () => {
    assert.ok(blocks.filter(({ file }) => file.endsWith(".md")).length > 20);
    assert.ok(blocks.filter(({ file }) => file.endsWith(".ts")).length > 15);
  });

  for (const [i, { file, line }] of blocks.entries()) {
    test(`${file}:${line} compiles`, () => {
      const name = path.basename(programs[i]!.path);
      assert.deepEqual(said.split("\n").filter((one) => one.includes(`${name}(`)), []);
    });
  }

  test("the compiler had nothing else to say", () => {
    const names = programs.map(({ path: file }) => path.basename(file));
    const others = said.split("\n").filter((one) =>
      /^\S.*error TS/.test(one) && !names.some((name) => one.includes(`${name}(`))
    );
    assert.deepEqual(others, []);
  });

  test("what stands alone runs", async () => {
    const whole = programs.filter(runsAlone);
    assert.ok(whole.length > 8, `only ${whole.length} stand alone`);
    const hooks = path.join(folder, "hooks.mjs");
    await writeFile(hooks, HOOKS);
    const entry = path.join(folder, "entry.mjs");
    await writeFile(
      entry,
      `${whole.map(({ path: file }) => `await import(${JSON.stringify(file)});`).join("\n")}\nprocess.exit(0);\n`,
    );
    await run(path.join(BIN, "node"), ["--import", hooks, entry], {
      cwd: ROOT,
      timeout: 120_000,
      env: { ...process.env, EDGE_PROOF_SECRET: randomBytes(32).toString("base64url") },
    });
  });
});

/** The package by its own name, from its sources. */
const HOOKS = `import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
const specifiers = ${JSON.stringify(SPECIFIERS)};
registerHooks({
  resolve: (name, context, next) => next(Object.hasOwn(specifiers, name) ? pathToFileURL(specifiers[name]).href : name, context),
});
`;

/** What the compiler says of all programs. */
async function compile(folder: string): Promise<string> {
  const compilerOptions = {
    paths: Object.fromEntries(Object.entries(SPECIFIERS).map(([name, file]) => [name, [file]])),
    exactOptionalPropertyTypes: false,
    noUncheckedIndexedAccess: false,
    types: ["node"],
  };
  const project = path.join(folder, "tsconfig.json");
  const files = [path.join(ROOT, "tests/docs/ambient.d.ts")];
  await writeFile(
    project,
    JSON.stringify({
      extends: path.join(ROOT, "tsconfig.json"),
      compilerOptions,
      include: [`${folder}/*`],
      files,
      exclude: [],
    }),
  );
  return await run(path.join(BIN, "tsc"), ["-p", project, "--pretty", "false"], { cwd: folder, maxBuffer: 1 << 24 })
    .then(
      ({ stdout }) => stdout,
      (error: { stdout?: string }) => error.stdout || String(error),
    );
}
