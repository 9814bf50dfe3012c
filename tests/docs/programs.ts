/**
 * Makes programs of code blocks. What a block says is all that it is given, but for two things: names that
 * this package exports, which a reader imports without being told again; and what stands for a reader's own,
 * which `ambient.d.ts` declares.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { type Block, ROOT } from "./markdown.ts";

/** Every specifier of the package, with the file behind it. */
export const SPECIFIERS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(
    (JSON.parse(readFileSync(path.join(ROOT, "deno.json"), "utf8")) as { exports: Record<string, string> }).exports,
  ).map(([key, file]) => [path.posix.join("edgestamp", key), path.join(ROOT, file)]),
);

export interface Program {
  readonly block: Block;
  readonly path: string;
  /** Nothing was added: what is printed is a program as it stands. */
  readonly isWhole: boolean;
}

/** Where a name comes from that no block has to import. The first of several wins. */
export type Names = ReadonlyMap<string, string>;

const THIRD_PARTY: readonly [name: string, from: string][] = [
  ["chat", "@trigger.dev/sdk/ai"],
  ["z", "zod"],
  ["useTriggerChatTransport", "@trigger.dev/sdk/chat/react"],
  ["TriggerChatTransport", "@trigger.dev/sdk/chat"],
];

/** The values that each specifier exports. Types are named where they are used. */
export async function readNames(): Promise<Names> {
  const names = new Map<string, string>();
  // A name of the front door is the front door's; `fetch` and `headers` mean something of their own elsewhere.
  for (const [specifier, file] of Object.entries(SPECIFIERS)) {
    if (["edgestamp/dev", "edgestamp/mmdb"].includes(specifier)) continue;
    const module = await import(pathToFileURL(file).href) as object;
    for (const name of Object.keys(module)) if (!names.has(name)) names.set(name, specifier);
  }
  for (const [name, from] of THIRD_PARTY) names.set(name, from);
  for (const name of ["default", "fetch", "socket", ...AMBIENT]) names.delete(name);
  return names;
}

/** What `ambient.d.ts` declares: it is a reader's own, whatever of ours is called the same. */
const AMBIENT: readonly string[] = [
  ...readFileSync(path.join(import.meta.dirname, "ambient.d.ts"), "utf8").matchAll(
    /^declare (?:const|function) (\w+)/gm,
  ),
].map(([, name]) => name!);

/** The names among some that a block uses and does not have. */
function missingNames(code: string, names: Iterable<string>): string[] {
  const text = code.replace(/\/\/.*$/gm, "").replace(/"(?:[^"\\\n]|\\.)*"/g, '""');
  const own = [
    ...text.matchAll(/import\s+(?:type\s+)?(?:\*\s+as\s+)?([^"']*?)\sfrom/g),
    ...text.matchAll(/\b(?:const|let|function|class)\s+(\{[^}]*\}|\[[^\]]*\]|\w+)/g),
    // A parameter says its type, or stands before an arrow.
    ...text.matchAll(/[(,]\s*(\w+): (?:[A-Z{]|unknown|string|number|boolean)/g),
    ...text.matchAll(/\(([\w\s,{}]*)\) =>/g),
  ].map(([, what]) => what).join(" ");
  return [...names].filter((name) =>
    new RegExp(`(?<![.\\w])${name}(?=[(.,;)\\s}])(?!\\s*:)`).test(text) && !new RegExp(`\\b${name}\\b`).test(own)
  );
}

/** Writes the programs into a folder from which the packages of this project are found. */
export function writePrograms(blocks: readonly Block[], names: Names): { folder: string; programs: Program[] } {
  const artifacts = path.join(ROOT, ".artifacts");
  mkdirSync(artifacts, { recursive: true });
  const folder = mkdtempSync(path.join(artifacts, "docs-"));
  const programs = blocks.map((block): Program => {
    const missing = missingNames(block.code, names.keys());
    const imports = missing.map((name) => `import { ${name} } from "${names.get(name)}"; `).join("");
    const end = block.language.startsWith("tsx") ? "tsx" : "ts";
    const file = path.join(folder, `${block.file.replaceAll(/[^\w]/g, "_")}_${block.line}.${end}`);
    // On one line, so that what a compiler says of a line is off by one and no more.
    writeFileSync(file, `${imports}export {};\n${block.code}`);
    return { block, path: file, isWhole: missing.length === 0 && missingNames(block.code, AMBIENT).length === 0 };
  });
  return { folder, programs };
}

export function removePrograms(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
