/** `edgestamp init`: which files it writes, what it refuses, and what it says comes next. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { after, before, describe, test } from "node:test";
import { run } from "../../cli/init.ts";
import { TEMPLATES } from "../../cli/init/templates.ts";
import { pinned } from "../../cli/init/write.ts";
import { readVersion } from "../../cli/package.ts";
import { Unusable } from "../../cli/terminal.ts";
import { keeping } from "./examined.ts";

const ROOT = path.join(import.meta.dirname, "../..");
const MAIN = path.join(ROOT, "cli/main.ts");

/** Apps that show how to use the proxy, and deploy none. */
const NO_TEMPLATES = ["agent", "nextjs", "react"];

/** The files below a folder, as `init` names them. */
async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
    .filter((file) => !/node_modules|\.next|\.wrangler/.test(file)).sort();
}

describe("edgestamp init", () => {
  let parent: string;
  before(async () => {
    parent = await realpath(await mkdtemp(path.join(tmpdir(), "edgestamp-init-")));
  });
  after(() => rm(parent, { recursive: true, force: true }));

  /** Runs the command, and gives what it printed. */
  async function init(...args: string[]): Promise<string> {
    const stdout = keeping();
    assert.equal(await run(args, { stdout: stdout.stream, stderr: keeping().stream, env: {} }), 0);
    return stdout.text();
  }

  test("there is a template for every example that deploys the proxy", async () => {
    const used = new Set(Object.values(TEMPLATES).flatMap(({ folders }) => folders));
    const there = (await readdir(path.join(ROOT, "examples"), { withFileTypes: true }))
      .filter((entry) => entry.isDirectory()).map(({ name }) => name);
    assert.deepEqual(there.filter((name) => !used.has(name) && !NO_TEMPLATES.includes(name)), []);
    for (const name of used) assert.ok(there.includes(name), name);
  });

  for (const [platform, { folders, next }] of Object.entries(TEMPLATES)) {
    test(`${platform}: its files, pinned to this version, and commands that there are`, async () => {
      const folder = path.join(parent, platform);
      const printed = await init(platform, "--dir", folder);
      const files = await filesIn(folder);
      const sources = await Promise.all(folders.map((name) => filesIn(path.join(ROOT, "examples", name))));
      // Behind a proxy, the README is that proxy's.
      assert.deepEqual(files, [...new Set([".gitignore", ...sources.flat()])].sort());
      for (const file of files) assert.ok(printed.includes(file), file);
      const manifest = files.find((file) => file === "package.json" || file === "deno.json")!;
      const text = await readFile(path.join(folder, manifest), "utf8");
      const asked = /"edgestamp": "([^"]+)"|npm:\/?edgestamp@([^/"]+)/.exec(text)!;
      assert.equal(asked[2] ?? asked[1], readVersion());
      const ignored = (await readFile(path.join(folder, ".gitignore"), "utf8")).split("\n");
      assert.ok([".env", ".dev.vars", "node_modules/"].every((name) => ignored.includes(name)));
      const said = `\n\n  cd ${path.relative(process.cwd(), folder)} && ${next.join("\n  ")}\n`;
      assert.ok(printed.endsWith(said), printed);
      const { scripts, tasks } = JSON.parse(text) as Record<"scripts" | "tasks", Record<string, string> | undefined>;
      for (const [, name] of next.join(" ").matchAll(/(?:(?:npm|bun|=edgestamp\.env) run|deno task) (\S+)/g)) {
        assert.ok(name! in { ...scripts, ...tasks }, name!);
      }
    });

    test(`${platform}: where there is a key to set, that is one of the commands`, async () => {
      const texts = await Promise.all(folders.map(async (name) => {
        const files = (await filesIn(path.join(ROOT, "examples", name))).filter((file) => !file.endsWith(".md"));
        return await Promise.all(files.map((file) => readFile(path.join(ROOT, "examples", name, file), "utf8")));
      }));
      for (
        const [variable, commands] of [["EDGE_SEAL_KEY", /keygen\n[^]*EDGE_SEAL_KEY/], [
          "EDGE_PROOF_SECRET",
          /PROOF/,
        ]] as const
      ) {
        const isNamed = commands.test(next.join("\n"));
        assert.equal(isNamed, texts.flat().some((text) => text.includes(variable)), variable);
      }
    });
  }

  test("templates as they are, by name", async () => {
    const folder = path.join(parent, "by name");
    await init("cloudflare", "--dir", folder);
    assert.deepEqual(
      await filesIn(folder),
      [".dev.vars.example", ".gitignore", "README.md", "package.json", "worker.ts", "wrangler.jsonc"],
    );
    const nginx = await init("nginx", "--dir", path.join(parent, "by another name"));
    for (const name of ["nginx.conf", "edgestamp.env", "edgestamp.service"]) assert.ok(nginx.includes(name));
    assert.match(await readFile(path.join(parent, "by another name/README.md"), "utf8"), /^# edgestamp behind nginx\n/);
    assert.match(await readFile(path.join(parent, "by another name/.gitignore"), "utf8"), /^edgestamp_proof\.conf$/m);
  });

  test("whatever version an example asks for, a project asks for this one", () => {
    const rows = [
      [
        '{ "dependencies": { "edgestamp": "0.1.0", "edgestamp-x": "0.1.0" } }',
        '{ "dependencies": { "edgestamp": "7.8.9", "edgestamp-x": "0.1.0" } }',
      ],
      ['{ "dependencies": { "edgestamp": "^0.1.0" } }', '{ "dependencies": { "edgestamp": "7.8.9" } }'],
      [
        '{ "imports": { "edgestamp/": "npm:/edgestamp@0.1.0/" } }',
        '{ "imports": { "edgestamp/": "npm:/edgestamp@7.8.9/" } }',
      ],
      ['{ "imports": { "edgestamp": "npm:edgestamp@^0.1" } }', '{ "imports": { "edgestamp": "npm:edgestamp@7.8.9" } }'],
      ['{ "name": "edgestamp-on-bun" }', '{ "name": "edgestamp-on-bun" }'],
    ];
    for (const [given, expected] of rows) assert.equal(pinned(given!, "7.8.9"), expected);
  });

  test("into the folder one is in, which may be a repository without a file", async () => {
    const folder = path.join(parent, "here");
    await mkdir(path.join(folder, ".git"), { recursive: true });
    const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "init", "hono"], {
      cwd: folder,
      encoding: "utf8",
    });
    assert.deepEqual([status, stderr], [0, ""]);
    assert.match(
      stdout,
      /^Wrote 4 files: .gitignore, README.md, main.ts, package.json\n\nREADME.md says all. Next:\n\n {2}bun install\n {2}bun run start\n$/,
    );
  });

  test("a folder with a space is quoted for the shell", async () => {
    assert.match(
      await init("hono", "--dir", path.join(parent, "it's here")),
      /\n {2}cd '[^\n]*it'\\''s here' && bun install\n/,
    );
  });

  test("nothing is written where something is, and it says what to do", async () => {
    const occupied = path.join(parent, "occupied");
    await mkdir(occupied);
    await writeFile(path.join(occupied, "notes.txt"), "mine");
    const rows: readonly [args: string[], message: RegExp][] = [
      [["hono", "--dir", occupied], /there is notes\.txt in it already; give an empty folder with --dir$/],
      [["hono", "--dir", path.join(occupied, "notes.txt")], /it is a file; give another with --dir$/],
      [["hono", "--dir", path.join(occupied, "notes.txt", "below")], /it is a file; give another with --dir$/],
      [["heroku"], /^There is no template for "heroku": give one of cloudflare, deno-deploy, /],
      [["toString"], /^There is no template for "toString"/],
      [[], /^Cannot tell which platform: give one of cloudflare, /],
      [["hono", "vercel"], /^Cannot tell which platform/],
    ];
    for (const [args, message] of rows) {
      await assert.rejects(
        init(...args),
        (error) => error instanceof Unusable && message.test(error.message),
        args.join(),
      );
    }
    assert.deepEqual(await readdir(occupied), ["notes.txt"]);
  });
});

describe("edgestamp", () => {
  const main = (...args: string[]) =>
    spawnSync(process.execPath, [MAIN, ...args], { encoding: "utf8", timeout: 120_000 });

  test("--version and --help, everywhere", () => {
    for (const args of [["--version"], ["-v"], ["init", "--version"], ["doctor", "http://a", "-v"]]) {
      assert.deepEqual([main(...args).stdout, main(...args).status], [`${readVersion()}\n`, 0]);
    }
    for (const name of ["init", "dev", "start", "doctor", "keygen"]) {
      const { status, stdout } = main(name, "-h");
      assert.deepEqual([status, stdout.split(/\s+/).slice(0, 3)], [0, ["Usage:", "edgestamp", name]]);
      assert.ok(stdout.split("\n").every((line) => line.length <= 120));
    }
  });

  test("an argument that cannot be parsed says where to look", () => {
    const { status, stdout, stderr } = main("keygen", "--colour", "red");
    assert.deepEqual([status, stdout], [2, ""]);
    assert.match(stderr, /^Unknown option '--colour'.*\nedgestamp keygen --help tells what there is\n$/);
  });

  test("an unknown command says what there is", () => {
    const { status, stdout, stderr } = main("deploy");
    assert.deepEqual([status, stdout], [2, ""]);
    for (const name of ["init", "dev", "start", "doctor", "keygen"]) {
      assert.match(stderr, new RegExp(`\\n {2}${name} `));
    }
  });
});
