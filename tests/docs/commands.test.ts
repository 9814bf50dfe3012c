/** Every command that a reader is told to type is there. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { blocksOf, DOCUMENTS, ROOT, textOf } from "./markdown.ts";

const shells = DOCUMENTS.flatMap((file) => blocksOf(file)).filter(({ language }) => /^(?:sh|bash)\b/.test(language));

const help = execFileSync(process.execPath, ["cli/main.ts", "--help"], { cwd: ROOT, encoding: "utf8" });
const COMMANDS = new Set([...help.matchAll(/^ {2}(\w+) {2,}/gm)].map(([, name]) => name!));

/** The lines of a block, one command each: without comments, variables before it, and what comes of it. */
function commandsIn(code: string): string[] {
  return code.replaceAll("\\\n", " ").split(/\n|&&|\|\|?|;/)
    .map((line) => line.replace(/(?:^|\s)#.*$/, "").trim().replace(/^(?:\$ )?(?:[A-Z_]+=\S+ +)*/, ""))
    .filter((line) => line !== "");
}

/** Why a command would not run, in the folder whose document names it. */
function problemOf(command: string, folder: string): string | undefined {
  const [program, ...args] = command.split(/\s+/);
  const words = args.filter((arg) => !arg.startsWith("-"));
  if (program === "edgestamp" || (program === "npx" && words[0] === "edgestamp")) {
    const name = program === "npx" ? words[1] : words[0];
    return COMMANDS.has(name!) ? undefined : `edgestamp has no command ${name}`;
  }
  if (program === "npm" && words[0] === "run") return scriptProblem(words[1]!, folder);
  if (program === "npm" && ["start", "test"].includes(words[0]!)) return scriptProblem(words[0]!, folder);
  if (program === "node" && words[0] !== undefined) return fileProblem(words.at(words[0] === "test" ? 1 : 0)!, folder);
  return undefined;
}

function scriptProblem(name: string, folder: string): string | undefined {
  // A document speaks of the templates' scripts as well.
  const manifests = [folder, ".", ...globSync("examples/*", { cwd: ROOT })].map((one) =>
    path.join(ROOT, one, "package.json")
  ).filter((file) => existsSync(file));
  const has = manifests.some((file) => {
    const { scripts = {} } = JSON.parse(readFileSync(file, "utf8")) as { scripts?: Record<string, string> };
    return scripts[name] !== undefined;
  });
  return has ? undefined : `there is no script ${name}`;
}

function fileProblem(file: string, folder: string): string | undefined {
  if (/[*"<$]|node_modules/.test(file)) return undefined;
  return [folder, "."].some((one) => existsSync(path.join(ROOT, one, file))) ? undefined : `there is no ${file}`;
}

describe("blocks of commands", () => {
  test("there are many, and commands of ours", () => {
    assert.ok(shells.length > 15, `only ${shells.length}`);
    assert.ok(["init", "doctor", "dev", "start", "keygen"].every((name) => COMMANDS.has(name)), [...COMMANDS].join());
  });
  for (const { file, line, code } of shells) {
    test(`${file}:${line}`, () => {
      const problems = commandsIn(code).map((command) => problemOf(command, path.dirname(file)));
      assert.deepEqual(problems.filter((problem) => problem !== undefined), []);
    });
  }
  test("so are those between the lines", () => {
    for (const file of DOCUMENTS) {
      const named = [...textOf(file).matchAll(/`((?:npx )?edgestamp [a-z]+[^`]*|npm run [\w:]+)`/g)].map(([, one]) =>
        one!
      );
      const problems = named.map((command) => problemOf(command, path.dirname(file)));
      assert.deepEqual(problems.filter((problem) => problem !== undefined), [], file);
    }
  });
});
