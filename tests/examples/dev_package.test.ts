/** `edgestamp/dev` as other people's tests get it: from the packed tarball, in a project of its own. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cp, mkdir, readFile, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { pack, type Packed } from "../../tools/pack.ts";

const run = promisify(execFile);
const MODULES = fileURLToPath(new URL("../../node_modules/", import.meta.url));
const SCRATCH = fileURLToPath(new URL("./scratch/", import.meta.url));
const PEERS = ["@trigger.dev/sdk", "@trigger.dev/core", "ai", "zod", "esbuild", "@types/node"];

describe("edgestamp/dev from its tarball", () => {
  let packed: Packed;
  before(async () => {
    packed = await pack();
  });
  after(() => packed?.remove());

  test("with the SDK beside it: types; tasks and a journal on three runtimes; chats, the proxy and the page", async () => {
    const project = await scratch(packed, "with-sdk", PEERS);
    await node(project, [join(MODULES, "typescript/bin/tsc"), "-p", "."]);
    const { stdout } = await node(project, ["--test", "--test-reporter=tap", "anywhere.ts", "chats.ts"]);
    assert.match(stdout, /^# pass 7\n# fail 0$/m);
    const bun = await run("bun", ["test", "./anywhere.ts"], { cwd: project });
    assert.match(bun.stderr, /^ 4 pass\n 0 fail$/m);
    const deno = await run("deno", ["test", "-A", "--no-check", "anywhere.ts"], {
      cwd: project,
      env: { ...process.env, NO_COLOR: "1" },
    });
    assert.match(deno.stdout, /ok \| 4 passed \| 0 failed/);
  });

  test("without the SDK: the handler works, and the rest says what to install", async () => {
    const project = await scratch(packed, "bare", ["@types/node"]);
    const { stdout } = await node(project, ["--test", "--test-reporter=tap", "bare.ts"]);
    assert.match(stdout, /^# pass 2\n# fail 0$/m);
  });

  test("the tarball holds the page and its licences, and none of what builds it", async () => {
    const files = packed.files.filter((file) => file.startsWith("dist/"));
    const inPage = files.filter((file) => file.startsWith("dist/dev/page/built/"));
    assert.ok(
      inPage.some((file) => file.endsWith("/index.html")) && inPage.some((file) => file.endsWith("/licenses.md")),
    );
    assert.deepEqual(files.filter((file) => /\.tsx?$/.test(file) && !file.endsWith(".d.ts")), []);
    assert.deepEqual(files.filter((file) => /dev\/page\/(app|build)|dev\/(start|edge)\.js/.test(file)), []);
  });
});

/**
 * A project that has the tarball's content as a package, with its dependencies, and `others`. Everything else is linked:
 * `npm run test:examples` installs from the registry.
 */
async function scratch({ folder, tarball }: Packed, name: string, others: readonly string[]): Promise<string> {
  const project = join(folder, name);
  const own = join(project, "node_modules/edgestamp");
  await cp(SCRATCH, project, { recursive: true });
  await mkdir(own, { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", own, "--strip-components=1"]);
  const { dependencies } = JSON.parse(await readFile(join(own, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  for (const dependency of [...Object.keys(dependencies), ...others]) {
    const link = join(project, "node_modules", dependency);
    await mkdir(dirname(link), { recursive: true });
    await symlink(join(MODULES, dependency), link);
  }
  return project;
}

/** Runs Node there; rejects with what it printed. */
async function node(cwd: string, args: readonly string[]): Promise<{ stdout: string }> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  return run(process.execPath, args, { cwd, env }).catch(({ stdout, stderr, message }) => {
    throw new Error(`${message}\n${stdout}\n${stderr}`);
  });
}
