/**
 * Writes what the documents have from the code: `npm run docs`. The tests say when it is stale.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { globSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { diagram, routeTable } from "./draw_way.ts";
import { refusalSummary, refusalTable } from "./refusal_table.ts";

const ROOT = path.join(import.meta.dirname, "..");

/** Every document: its title, and the sentence that it begins with. */
export function documentList(): string {
  const files = [...globSync("docs/*.md", { cwd: ROOT }).sort(), "docs/decisions/README.md", "SECURITY.md"];
  const rest = ["CONTRIBUTING.md", "tests/README.md", "dev/README.md", "CHANGELOG.md"];
  return [...files, ...rest].map((file) => {
    const text = readFileSync(path.join(ROOT, file), "utf8");
    const [, title, paragraph] = /^# (.+)\n+([^#|<-][^]*?)(?:\n\n|(?![^]))/.exec(text) ?? [];
    if (title === undefined) throw new Error(`Cannot list ${file}: begin it with a title and a sentence`);
    const [sentence] = /^.*?(?:[.:](?= |$)|$)/.exec(paragraph!.replaceAll("\n", " ").replace(/\]\([^)]*\)/g, "]"))!;
    return `- [${title}](${file}): ${sentence.replaceAll(/[[\]]/g, "").replace(/[.:]$/, "")}`;
  }).join("\n");
}

/** Each part that is written: its document, its name between the marks, and what stands there. */
export const PARTS: readonly { readonly file: string; readonly name: string; make(): string }[] = [
  { file: "README.md", name: "refusals", make: refusalSummary },
  { file: "README.md", name: "documents", make: documentList },
  { file: "docs/refusals.md", name: "refusals", make: refusalTable },
  { file: "docs/way-of-a-request.md", name: "diagram", make: () => `\`\`\`mermaid\n${diagram()}\n\`\`\`` },
  { file: "docs/way-of-a-request.md", name: "routes", make: routeTable },
];

const between = (name: string): RegExp =>
  new RegExp(`(<!-- written by \`npm run docs\`: ${name} -->\n)[^]*?(<!-- end of ${name} -->)`);

/** What stands between the marks of a part. Throws where a document has them not. */
export function readPart(file: string, name: string): string {
  const text = readFileSync(path.join(ROOT, file), "utf8");
  const found = between(name).exec(text)?.[0];
  if (found === undefined) throw new Error(`Cannot find ${name} in ${file}: put its two marks there`);
  return found.split("\n").slice(1, -1).join("\n").trim();
}

if (import.meta.main) {
  for (const { file, name, make } of PARTS) {
    readPart(file, name);
    const text = readFileSync(path.join(ROOT, file), "utf8");
    writeFileSync(
      path.join(ROOT, file),
      text.replace(between(name), (_, begin, end) => `${begin}\n${make()}\n\n${end}`),
    );
  }
  const files = [...new Set(PARTS.map(({ file }) => file))];
  execFileSync("deno", ["fmt", "--quiet", ...files], { cwd: ROOT, stdio: "inherit" });
}
