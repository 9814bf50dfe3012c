/** Builds the page with Vite, once for each content: a second start finds the bundle of the first. */

import { createHash } from "node:crypto";
import { glob, mkdir, readdir, readFile, rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { PageFiles } from "./files.ts";

const ROOT = new URL("../../", import.meta.url);
const CACHE = new URL("node_modules/.cache/edgestamp/", ROOT);
/** What a bundle depends on: the page, what it shares with the server, and the versions of the libraries. */
const INPUTS = ["dev/page/app/**/*.*", "dev/*.ts", "dev/page/build.ts", "package-lock.json"];

export async function buildPage(): Promise<PageFiles> {
  const name = `page-${await hashInputs()}`;
  const dir = new URL(`${name}/`, CACHE);
  await mkdir(CACHE, { recursive: true });
  const kept = await readdir(CACHE);
  if (kept.includes(name)) return { dir, isNew: false };
  // Under a name of its own until it is whole: two starts at once do not see half of each other's.
  const work = new URL(`work-${crypto.randomUUID()}/`, CACHE);
  await bundle(work);
  try {
    await rename(work, dir);
  } catch {
    // Another start was faster with the same bundle.
    await rm(work, { recursive: true, force: true });
  }
  await Promise.all(
    kept.filter((old) => old.startsWith("page-")).map((old) =>
      rm(new URL(old, CACHE), { recursive: true, force: true })
    ),
  );
  return { dir, isNew: true };
}

async function hashInputs(): Promise<string> {
  const hash = createHash("sha256");
  const files: string[] = [];
  for await (const file of glob(INPUTS, { cwd: ROOT })) files.push(file);
  for (const file of files.sort()) {
    hash.update(file).update("\0").update(await readFile(new URL(file, ROOT))).update("\0");
  }
  return hash.digest("hex").slice(0, 16);
}

/** Builds it into a folder. */
export async function bundle(outDir: URL): Promise<void> {
  // Vite takes longer to load than the page does to be served from the cache.
  const { build } = await import("vite");
  await build({
    root: fileURLToPath(new URL("dev/page/app/", ROOT)),
    configFile: false,
    envDir: false,
    logLevel: "error",
    build: {
      outDir: fileURLToPath(outDir),
      emptyOutDir: true,
      target: "es2023",
      cssTarget: ["chrome123", "firefox120", "safari17.5"],
      reportCompressedSize: false,
      // What the bundle is made of asks to be named where it is handed on.
      license: { fileName: "licenses.md" },
    },
  });
}
