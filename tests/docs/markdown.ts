/** Code blocks: of Markdown files, and of the comments that document a module. */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";

export const ROOT: string = path.join(import.meta.dirname, "../..");

export interface Block {
  /** The file that it is in, from the root. */
  readonly file: string;
  /** The line of its first line of code. */
  readonly line: number;
  /** `ts`, `sh`, …, with whatever follows it. */
  readonly language: string;
  readonly code: string;
}

/** The documents that are for people. */
export const DOCUMENTS: readonly string[] = globSync(
  ["*.md", "docs/**/*.md", "dev/*.md", "bench/*.md", "examples/*/README.md", ".github/**/*.md"],
  { cwd: ROOT, exclude: (name) => String(name).includes("node_modules") },
).sort();

/** The sources whose comments are published as documentation. */
export const SOURCES: readonly string[] = globSync("{mod.ts,{src,adapters,cli,dev}/**/*.ts}", { cwd: ROOT }).sort();

export function textOf(file: string): string {
  return readFileSync(path.join(ROOT, file), "utf8");
}

/** The fenced blocks of a text, indented or in a comment. */
export function blocksOf(file: string, text: string = textOf(file)): Block[] {
  const lines = text.split("\n").map((line) => file.endsWith(".md") ? line : line.replace(/^\s*\* ?/, ""));
  const blocks: Block[] = [];
  for (let i = 0; i < lines.length; i++) {
    const [, indent, language] = /^(\s*)```(\w.*)$/.exec(lines[i]!) ?? [];
    if (language === undefined) continue;
    const end = lines.findIndex((line, at) => at > i && line.trimEnd() === `${indent}\`\`\``);
    if (end === -1) throw new Error(`${file}:${i + 1}: a block of code does not end`);
    const code = lines.slice(i + 1, end).map((line) => line.slice(indent!.length)).join("\n");
    blocks.push({ file, line: i + 2, language, code: `${code}\n` });
    i = end;
  }
  return blocks;
}
