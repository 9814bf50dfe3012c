/**
 * The whole test run: `npm test`, or `npm test -- <part of a suite's name> …` for some of it. The last
 * line that it prints is `N passed, N failed`.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import process from "node:process";
import { type Counts, judge } from "./test_output.ts";
import { type Suite, suitesOf } from "./test_suites.ts";

/** The suites wait more than they work, but timings in them suffer where they crowd. */
const SIDE_BY_SIDE = 2;

/** Far more than any takes, slow registries included: a suite that hangs is stopped and has failed. */
const LIMIT_MS = 1_800_000;

const root = path.join(import.meta.dirname, "..");
const environment = {
  ...process.env,
  PATH: `${path.join(root, "node_modules/.bin")}${path.delimiter}${process.env["PATH"] ?? ""}`,
  NO_COLOR: "1",
};

const filters = process.argv.slice(2);
const queue = suitesOf(root).filter(({ name }) => filters.length === 0 || filters.some((part) => name.includes(part)));
const results: Counts[] = [];
await Promise.all(Array.from({ length: SIDE_BY_SIDE }, work));

const total = (what: keyof Counts): number => results.reduce((sum, counts) => sum + counts[what], 0);
const [passed, failed, skipped] = [total("passed"), total("failed"), total("skipped")];
console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = failed > 0 || passed === 0 ? 1 : 0;

async function work(): Promise<void> {
  for (let suite = queue.shift(); suite !== undefined; suite = queue.shift()) results.push(await run(suite));
}

async function run({ name, command, read }: Suite): Promise<Counts> {
  const began = Date.now();
  const { output, exitCode } = await finish(command);
  const counts = judge(read, output, exitCode);
  const { passed, failed, skipped } = counts;
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(
    `${failed > 0 ? "✖" : "✔"} ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped (${seconds} s)`,
  );
  if (failed > 0) console.log(`$ ${command.join(" ")}\n${withoutPasses(output)}\n`);
  return counts;
}

/** Everything but the lines that say what passed. */
function withoutPasses(output: string): string {
  return output.split("\n").filter((line) => !/^\s*(?:✔ |\(pass\) )|\.\.\. ok \(/.test(line)).join("\n");
}

function finish([file, ...args]: Suite["command"]): Promise<{ output: string; exitCode: number | null }> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: root, env: environment, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    const limit = setTimeout(() => {
      output += `\nstopped after ${LIMIT_MS / 1000} s`;
      child.kill("SIGKILL");
    }, LIMIT_MS);
    const collect = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    child.on("error", (error) => (output += error.message));
    child.on("close", (exitCode) => {
      clearTimeout(limit);
      resolve({ output, exitCode });
    });
  });
}
