/** The templates of examples/: what each is called, and its entry as one piece of code that runs here. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { build } from "esbuild";

export const ROOT = path.join(import.meta.dirname, "../..");
export const EXAMPLES = path.join(ROOT, "examples");

/** Folders that deploy the proxy by themselves: those whose README is called so. */
export const TEMPLATES: readonly string[] = readdirSync(EXAMPLES).filter((name) =>
  /^# edgestamp on .+/.test(text(name, "README.md") ?? "")
).sort();

/** A template's file; `undefined` where there is none. */
export function text(template: string, file: string): string | undefined {
  try {
    return readFileSync(path.join(EXAMPLES, template, file), "utf8");
  } catch {
    return undefined;
  }
}

const BUNDLES = mkdtempSync(path.join(tmpdir(), "edgestamp-templates-"));

/** Removes what {@link bundled} made. */
export function removeBundles(): void {
  rmSync(BUNDLES, { recursive: true, force: true });
}

/** The template's entry with this tree in the place of the package, as one file. */
export async function bundled(template: string, entry: string, external: readonly string[] = []): Promise<string> {
  const outfile = path.join(BUNDLES, `${template}.mjs`);
  await build({
    entryPoints: [path.join(EXAMPLES, template, entry)],
    outfile,
    bundle: true,
    format: "esm",
    platform: "neutral",
    mainFields: ["module", "main"],
    logLevel: "warning",
    external: ["node:*", "mmdb-lib", ...external],
    alias: aliases(),
  });
  return outfile;
}

/** The package's entry points, as this tree has them. */
function aliases(): Record<string, string> {
  const { exports } = JSON.parse(readFileSync(path.join(ROOT, "deno.json"), "utf8")) as {
    exports: Record<string, string>;
  };
  const longestFirst = Object.entries(exports).sort(([a], [b]) => b.length - a.length);
  return Object.fromEntries(
    longestFirst.map(([name, file]) => [path.posix.join("edgestamp", name), path.join(ROOT, file)]),
  );
}
