/**
 * Writes a template's files.
 *
 * @module
 */
import { cp, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { readVersion, ROOT } from "../package.ts";
import { Unusable } from "../terminal.ts";

/** What of a template's folder is never a part of it: what installing and building leave behind. */
const LEFT_BEHIND = new Set([
  "node_modules",
  "dist",
  ".next",
  ".wrangler",
  "bin",
  ".vercel",
  ".netlify",
  "package-lock.json",
  "bun.lock",
]);

/** npm takes `.gitignore` out of packages, so it is written here, the same for all. */
const GITIGNORE = `node_modules/
dist/
bin/
.next/
.wrangler/
.vercel/
.netlify/
.aws-sam/
*.tsbuildinfo

# Secrets
.env
.env.local
.dev.vars
edgestamp.env
edgestamp_proof.conf
*.key
`;

/** Throws `Unusable` for a folder in which something is already; a repository without a file is nothing. */
export async function refuseOccupied(folder: string): Promise<void> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return;
    throw new Unusable(
      `Cannot write into ${folder}: it is ${code === "ENOTDIR" ? "a file" : "not to be read"}; give another with --dir`,
    );
  }
  const found = names.filter((name) => name !== ".git");
  if (found.length > 0) {
    throw new Unusable(
      `Cannot write into ${folder}: there is ${found[0]} in it already; give an empty folder with --dir`,
    );
  }
}

/** Writes the files of a template's folders into `folder`, later ones over earlier ones. Gives their names, in order. */
export async function writeTemplate(folders: readonly string[], folder: string): Promise<string[]> {
  const filter = (file: string): boolean => !LEFT_BEHIND.has(path.basename(file));
  await mkdir(folder, { recursive: true });
  for (const name of folders) {
    await cp(fileURLToPath(new URL(`examples/${name}`, ROOT)), folder, { recursive: true, filter });
  }
  await writeFile(path.join(folder, ".gitignore"), GITIGNORE);
  await pin(folder);
  return (await filesIn(folder)).sort();
}

/** What a package manager reads of a project asks for the version of edgestamp that wrote it. */
async function pin(folder: string): Promise<void> {
  for (const name of ["package.json", "deno.json"]) {
    const file = path.join(folder, name);
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text !== undefined) await writeFile(file, pinned(text, readVersion()));
  }
}

/** A `package.json` or `deno.json` that asks for this version of edgestamp, with nothing else changed. */
export function pinned(text: string, version: string): string {
  return text.replace(/("edgestamp": *")(?!npm:)[^"]*(")/g, `$1${version}$2`)
    .replace(/(npm:\/?edgestamp@)[^/"]*/g, `$1${version}`);
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join("/"))
    .filter((file) => !file.startsWith(".git/"));
}
