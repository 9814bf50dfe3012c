/** `edgestamp keygen`, as a command: what it prints is what both sides take. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { describe, test } from "node:test";
import { keygen } from "../../cli/keygen.ts";
import { stampOpener } from "../../src/agent/open.ts";
import { encrypted, type Sealer, signed, type StampContext } from "../../src/seal.ts";

const main = path.join(import.meta.dirname, "../../cli/main.ts");
const context: StampContext = {
  use: "append",
  chat: "c",
  partId: "p",
  trigger: "submit-message",
  messageId: undefined,
  messageJson: undefined,
  actionJson: undefined,
};

function run(...args: string[]): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    encoding: "utf8",
    timeout: 120_000,
  });
  return { status, stdout, stderr };
}

/** The variables of an environment file, as Node itself reads one. */
function loaded(lines: string): NodeJS.ProcessEnv {
  const directory = mkdtempSync(path.join(tmpdir(), "edgestamp-keygen-"));
  try {
    const file = path.join(directory, ".env");
    writeFileSync(file, lines);
    const { stdout } = spawnSync(process.execPath, [`--env-file=${file}`, "-p", "JSON.stringify(process.env)"], {
      encoding: "utf8",
    });
    return JSON.parse(stdout) as NodeJS.ProcessEnv;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("edgestamp keygen", () => {
  const rows: readonly [mode: string, args: string[], variable: string, make: (key: string) => Sealer][] = [
    ["signed", [], "EDGE_SEAL_PUBLIC_KEYS", (key) => signed({ key })],
    ["encrypted", ["--encrypted"], "EDGE_SEAL_SECRET_KEYS", (key) => encrypted({ key })],
  ];
  for (const [mode, args, variable, make] of rows) {
    test(`${mode}: both sides take what is printed`, async () => {
      const { status, stdout, stderr } = run("keygen", ...args);
      assert.deepEqual([status, stderr], [0, ""]);
      const env = loaded(stdout);
      assert.equal(env["EDGE_SEAL"], mode);
      const stamp = await make(env["EDGE_SEAL_KEY"]!).seal({ country: "PT" }, context);
      const claims = await stampOpener(env[variable]!, "edgestamp", "trigger.dev")(stamp);
      assert.deepEqual(claims.signals, { country: "PT" });
      assert.equal(variable.includes("PUBLIC") && env[variable]!.includes('"d"'), false);
    });
  }

  test("each key is another, and has a name", async () => {
    const printed = await Promise.all([
      keygen([]),
      keygen([]),
      keygen(["--kid", "main"]),
      keygen([], new Date("2027-01-31")),
    ]);
    assert.equal(new Set(printed.map((lines) => /"x":"[^"]+"/.exec(lines)![0])).size, 4);
    assert.match(printed[2]!, /"kid":"main"/);
    assert.match(printed[3]!, /"kid":"2027-01-[a-z2-7]{4}"/);
  });

  test("help, and mistakes in one line", () => {
    assert.match(run("keygen", "--help").stdout, /^Usage: edgestamp keygen/);
    assert.match(run("--help").stdout, /^Usage: edgestamp <command>/);
    assert.match(run().stdout, /keygen +print new keys for a seal/);
    for (const args of [["keygen", "--kid", "a b"], ["keygen", "--rsa"], ["keygen", "extra"], ["toString"]]) {
      const { status, stdout, stderr } = run(...args);
      assert.deepEqual([status, stdout], [2, ""]);
      assert.match(stderr, /^\S.+\n/);
      assert.ok(!stderr.includes("    at "), stderr);
    }
  });
});
