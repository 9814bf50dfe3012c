// deno-lint-ignore-file no-console -- it speaks to whoever runs it
/**
 * What each export costs: `node tools/bundle_report.ts` prints a table, and fails where one is over its
 * budget or has something in it that must not be there.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { type Budget, budgetOf } from "./bundle_budgets.ts";

const ROOT = path.join(import.meta.dirname, "..");

/** A bundle of some code. */
export interface Bundle {
  readonly text: string;
  readonly bytes: number;
  readonly gzipBytes: number;
  /** The files that something is left of when what nobody uses is taken out. */
  readonly files: readonly string[];
}

/** Bundles code that imports by paths from the root. */
export async function bundle(code: string): Promise<Bundle> {
  const { metafile, outputFiles } = await build({
    stdin: { contents: code, resolveDir: ROOT, sourcefile: "entry.ts" },
    absWorkingDir: ROOT,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    // What is installed only by those who use it, and what a runtime brings.
    external: ["node:*", "@trigger.dev/*", "ai", "zod", "esbuild", "workerd", "mmdb-lib"],
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const { contents, text } = outputFiles[0]!;
  const files = Object.values(metafile.outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 && file !== "entry.ts" ? [file] : []
    )
  );
  return { text, bytes: contents.byteLength, gzipBytes: gzipSync(contents, { level: 9 }).byteLength, files };
}

/** Every export with the file behind it, as deno.json has them. */
export function readExports(): Readonly<Record<string, string>> {
  return (JSON.parse(readFileSync(path.join(ROOT, "deno.json"), "utf8")) as { exports: Record<string, string> })
    .exports;
}

/** Bundles everything that a file exports. */
export function bundleOf(file: string): Promise<Bundle> {
  return bundle(`export * from "${file}";${hasDefault(file) ? ` export { default } from "${file}";` : ""}`);
}

/** What breaks a budget, one sentence each. */
export function problemsOf(key: string, { gzipBytes, files, text }: Bundle, budget: Budget = budgetOf(key)): string[] {
  const over = gzipBytes - budget.gzipBytes;
  return [
    ...(over > 0 ? [`${key} is ${over} bytes over its ${budget.gzipBytes}`] : []),
    ...files.filter((file) => budget.noFiles.test(file)).map((file) => `${key} has ${file} in it`),
    ...(budget.noCode?.test(text) ? [`${key} has ${budget.noCode.exec(text)![0]} in it`] : []),
  ];
}

function hasDefault(file: string): boolean {
  return /^export (?:default |\{[^}]*\bdefault\b)/m.test(readFileSync(path.join(ROOT, file), "utf8"));
}

if (import.meta.main) {
  const problems: string[] = [];
  console.log("| export | minified | gzipped | budget |\n|---|--:|--:|--:|");
  for (const [key, file] of Object.entries(readExports())) {
    const made = await bundleOf(file);
    const name = path.posix.join("edgestamp", key);
    console.log(`| \`${name}\` | ${made.bytes} | ${made.gzipBytes} | ${budgetOf(key).gzipBytes} |`);
    problems.push(...problemsOf(key, made));
  }
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
