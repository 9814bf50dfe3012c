/**
 * The package as it would be published, made in a folder of its own, so that no other run finds its
 * `dist` gone.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { cp, mkdtemp, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";

const ROOT = path.join(import.meta.dirname, "..");
const run = promisify(execFile);

/** What a build and a pack read. */
const SOURCES = [
  "mod.ts",
  "src",
  "adapters",
  "cli",
  "dev",
  "tools",
  "docs",
  "examples",
  "package.json",
  "deno.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "tsconfig.src.json",
  "README.md",
  "SECURITY.md",
  "LICENSE",
  "CHANGELOG.md",
];

/** A packed package. */
export interface Packed {
  /** A temporary folder, for whatever is done with it. */
  readonly folder: string;
  readonly tarball: string;
  readonly version: string;
  /** What is in it, as paths inside the package. */
  readonly files: readonly string[];
  readonly unpackedBytes: number;
  /** Removes the folder. */
  remove(): Promise<void>;
}

interface PackReport {
  readonly filename: string;
  readonly version: string;
  readonly unpackedSize: number;
  readonly files: readonly { readonly path: string }[];
}

/** Builds and packs the package. */
export async function pack(): Promise<Packed> {
  const folder = await mkdtemp(path.join(tmpdir(), "edgestamp-pack-"));
  const source = path.join(folder, "package");
  const filter = (file: string): boolean => !/node_modules|[\\/]\.next\b/.test(path.relative(ROOT, file));
  for (const name of SOURCES) await cp(path.join(ROOT, name), path.join(source, name), { recursive: true, filter });
  await symlink(path.join(ROOT, "node_modules"), path.join(source, "node_modules"));
  await npm(source, ["run", "build"]);
  const printed = await npm(source, ["pack", "--json", "--pack-destination", folder]);
  const [report] = Object.values(JSON.parse(printed) as PackReport[]);
  return {
    folder,
    tarball: path.join(folder, report!.filename),
    version: report!.version,
    files: report!.files.map((file) => file.path),
    unpackedBytes: report!.unpackedSize,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** Runs npm; rejects with what it printed. */
export async function npm(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  try {
    const options = { cwd, env: { ...process.env, CI: "1", ...env }, maxBuffer: 64 * 1024 * 1024 };
    return (await run("npm", args, options)).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`npm ${args.join(" ")} failed\n${stdout ?? ""}\n${stderr ?? String(error)}`);
  }
}
