/** The templates stand alone, and none of them starts while its secrets are empty. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { after, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { start as startProcess, withBinaries } from "../conformance/servers.ts";
import { start } from "../runtime/spawned.ts";
import { bundled, EXAMPLES, removeBundles, ROOT, TEMPLATES, text } from "./templates.ts";

const { version } = JSON.parse(readFileSync(path.join(ROOT, "package.json"), "utf8")) as { version: string };
const platforms = readFileSync(path.join(ROOT, "docs/platforms.md"), "utf8");

const KEY =
  "EDGE_SEAL_KEY: is needed where EDGE_SEAL is signed; run `edgestamp keygen` and set what stands after EDGE_SEAL_KEY=";

test("all of them are there", () => {
  const wanted = ["bun-vm", "cloudflare", "deno-deploy", "fastly", "lambda", "netlify", "nextjs-middleware", "vercel"];
  assert.deepEqual(TEMPLATES, wanted);
});

for (const template of TEMPLATES) {
  describe(`the template ${template}`, () => {
    const files = readdirSync(path.join(EXAMPLES, template), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !/node_modules|\.next/.test(entry.parentPath))
      .map(({ name, parentPath }) => path.relative(path.join(EXAMPLES, template), path.join(parentPath, name)));

    test("reaches for nothing outside of it", () => {
      for (const file of files) assert.doesNotMatch(text(template, file)!, /\.\.\//, file);
    });
    test("has a README of at most 40 lines, whose commands there are", () => {
      const readme = text(template, "README.md")!;
      assert.ok(readme.split("\n").length <= 41);
      const scripts = scriptsOf(template);
      for (const [, script] of readme.matchAll(/(?:npm run|npm|deno task) ([\w:]+)/g)) {
        if (script !== "install") assert.ok(script! in scripts, `there is no script "${script}"`);
      }
    });
    test("asks for this version of edgestamp, and for exact ones of everything else", () => {
      const { dependencies = {}, devDependencies = {} } = JSON.parse(text(template, "package.json") ?? "{}");
      for (const [name, wanted] of Object.entries({ ...dependencies, ...devDependencies })) {
        assert.match(String(wanted), /^\d+\.\d+\.\d+$/, name);
      }
      const asked = dependencies.edgestamp ?? /edgestamp@([^/]+)\//.exec(text(template, "deno.json") ?? "")?.[1];
      assert.equal(asked, version);
    });
    test("has its one command in docs/platforms.md", () => {
      const row = platforms.split("\n").find((line) => line.includes(`(../examples/${template})`));
      assert.ok(row !== undefined, "there is no row");
      for (const [, script] of row.matchAll(/(?:npm run|deno task) ([\w:]+)/g)) {
        assert.ok(script! in scriptsOf(template), `there is no script "${script}"`);
      }
    });
  });
}

function scriptsOf(template: string): Record<string, string> {
  const npm = JSON.parse(text(template, "package.json") ?? "{}") as { scripts?: Record<string, string> };
  const deno = JSON.parse(text(template, "deno.json") ?? "{}") as { tasks?: Record<string, string> };
  return { ...npm.scripts, ...deno.tasks };
}

/** What a template's own files say, where its platform gives an environment from them. */
interface Answer {
  readonly status: number;
  readonly text: string;
}

/** Runs code that prints `{ status, text }`, in an environment of its own. */
function answerOf(command: readonly [string, ...string[]], env: Record<string, string>): Answer {
  withBinaries();
  const { PATH = "", HOME = "" } = process.env;
  const [file, ...args] = command;
  const { stdout, stderr } = spawnSync(file, args, {
    encoding: "utf8",
    env: { NODE_ENV: "production", PATH, HOME, ...env },
  });
  const line = stdout.trim().split("\n").at(-1) ?? "";
  assert.match(line, /^\{/, stderr);
  return JSON.parse(line) as Answer;
}

const CALL = `new Request("https://p.example/api/v1/sessions", { method: "POST", body: "{}" })`;
const TOLD = `async (response) => ({ status: response.status, text: await response.text() })`;

/** Imports a template's entry as `entry`, calls it, and prints what it answered. */
function script(file: string, call: string): string {
  return `const entry = await import(${JSON.stringify(pathToFileURL(file).href)});
    console.log(JSON.stringify(await (${TOLD})(await (${call}))));`;
}

const node = (code: string) => ["node", "--input-type=module", "--no-warnings", "-e", code] as const;

function assertRefuses({ status, text }: Answer, line = KEY): void {
  assert.equal(status, 500, text);
  assert.match(text, /"code":"edge_misconfigured"/);
  assert.ok(text.includes(line), text);
}

describe("with empty secrets", () => {
  after(removeBundles);
  test("vercel answers 500 and says why", async () => {
    const code = script(await bundled("vercel", "api/index.ts"), `entry.default.fetch(${CALL})`);
    for (const EDGE_SEAL_KEY of ["", " "]) assertRefuses(answerOf(node(code), { VERCEL: "1", EDGE_SEAL_KEY }));
  });
  test("netlify answers 500 and says why", async () => {
    const code = script(
      await bundled("netlify", "netlify/edge-functions/edgestamp.ts"),
      `entry.default(${CALL}, { ip: "192.0.2.1", geo: {} })`,
    );
    for (const EDGE_SEAL of ["", "signed"]) assertRefuses(answerOf(node(code), { EDGE_SEAL, EDGE_SEAL_KEY: "" }));
  });
  test("deno-deploy answers 500 and says why", async () => {
    const code = script(await bundled("deno-deploy", "main.ts"), `entry.default.fetch(${CALL}, {})`);
    assertRefuses(answerOf(["deno", "eval", "--no-check", code], { EDGE_SEAL_KEY: "" }));
  });
  test("lambda answers 500 and says why", async () => {
    // As its template.yaml has it, with no parameters given.
    const [, variables] = /Variables:\n((?: {10}.*\n)+)/.exec(text("lambda", "template.yaml")!)!;
    const env = Object.fromEntries(
      variables!.trim().split("\n").map((line) => line.trim().split(": ") as [string, string]).map((
        [name, value],
      ) => [name, value.startsWith("!Ref") ? "" : value]),
    );
    assert.equal(env["EDGE_SEAL"], "signed");
    assert.equal((text("lambda", "template.yaml")!.match(/Default: ""/g) ?? []).length, 2);
    const event =
      `{ rawPath: "/api/v1/sessions", headers: {}, requestContext: { http: { method: "POST" } }, body: "{}" }`;
    const call =
      `entry.handler(${event}).then(({ statusCode, body }) => new Response(atob(body), { status: statusCode }))`;
    assertRefuses(answerOf(node(script(await bundled("lambda", "index.js"), call)), env));
  });
  test("nextjs-middleware throws, and answers nothing", async () => {
    const file = await bundled("nextjs-middleware", "proxy.ts", ["next/server"]);
    const code = `let text = "it loads";
      try { await import(${JSON.stringify(pathToFileURL(file).href)}) } catch (error) { text = error.message }
      console.log(JSON.stringify({ status: 0, text }));`;
    for (const env of [{}, { EDGE_SEAL_KEY: "" }, { VERCEL: "1", EDGE_SEAL_KEY: "" }]) {
      assert.match(answerOf(node(code), env as Record<string, string>).text, /^Cannot use option `key`: /);
    }
  });
  test("bun-vm does not start, and says why", async () => {
    const lines = text("bun-vm", "edgestamp.env")!.split("\n").filter((line) => /^\w+=/.test(line));
    const empty = Object.fromEntries(lines.map((line) => line.split("=") as [string, string]));
    assert.deepEqual([empty["EDGE_PROOF_SECRET"], empty["EDGE_SEAL_KEY"]], ["", ""]);
    const proof = "kT9vB2qLx7RmZ4nWc8Hj3PfYd6Gs1Ua0";
    for (
      const [env, line] of [[empty, "EDGE_PROOF_SECRET: "], [{ ...empty, EDGE_PROOF_SECRET: proof }, KEY]] as const
    ) {
      const server = await start("bun", { ...env, PORT: "0" });
      assert.equal(await server.exited, 1);
      assert.ok(server.output().startsWith(line), server.output());
    }
  });
  test("cloudflare answers 500 and says why", async () => {
    const vars = JSON.parse(
      text("cloudflare", "wrangler.jsonc")!.replace(/^\s*\/\/.*$/gm, ""),
    ).vars as Record<string, string>;
    const launchers = path.join(ROOT, "tests/runtime");
    const entry = path.relative(launchers, await bundled("cloudflare", "worker.ts"));
    const args = ["launch_workerd.ts", JSON.stringify({ one: { ...vars, EDGE_SEAL_KEY: "" } }), entry];
    const server = await startProcess("node", args, launchers);
    try {
      const response = await fetch(`http://127.0.0.1:${server.ports["one"]}/api/v1/sessions`, {
        method: "POST",
        body: "{}",
      });
      assertRefuses({ status: response.status, text: await response.text() });
    } finally {
      await server.stop();
    }
  });
});
