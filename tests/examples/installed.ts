/** The package as it would be published, and copies of the examples that install it. */

import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const run = promisify(execFile);

/** What a build reads. It happens elsewhere, so that no other run finds its `dist` gone. */
const SOURCES = [
  "mod.ts",
  "src",
  "adapters",
  "cli",
  "dev",
  "tools",
  "package.json",
  "tsconfig.json",
  "tsconfig.build.json",
  "tsconfig.src.json",
  "README.md",
  "LICENSE",
  "CHANGELOG.md",
];

export interface Packed {
  readonly folder: string;
  readonly tarball: string;
  readonly version: string;
  remove(): Promise<void>;
}

/** Builds and packs the package. */
export async function pack(): Promise<Packed> {
  const folder = await mkdtemp(join(tmpdir(), "edgestamp-examples-"));
  const source = join(folder, "package");
  for (const name of SOURCES) {
    await cp(join(ROOT, name), join(source, name), {
      recursive: true,
      filter: (path) => !path.includes("node_modules"),
    });
  }
  await symlink(join(ROOT, "node_modules"), join(source, "node_modules"));
  await npm(source, ["run", "build"]);
  const [{ filename, version }] = JSON.parse(await npm(source, ["pack", "--json", "--pack-destination", folder])) as [
    { filename: string; version: string },
  ];
  return {
    folder,
    tarball: join(folder, filename),
    version,
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

export interface Installed {
  readonly folder: string;
  /** Runs one of its scripts. */
  script(name: string, env?: Readonly<Record<string, string>>): Promise<string>;
}

/** Copies an example, and installs it with the packed package in the place of the published one. */
export async function install(example: string, { folder, tarball, version }: Packed): Promise<Installed> {
  const copy = join(folder, example);
  await cp(join(ROOT, "examples", example), copy, {
    recursive: true,
    filter: (path) => !/node_modules|\.next|dist/.test(path.slice(ROOT.length)),
  });
  const manifest = JSON.parse(await readFile(join(copy, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  if (manifest.dependencies["edgestamp"] !== version) {
    throw new Error(`examples/${example} is pinned to ${manifest.dependencies["edgestamp"]}, but this is ${version}`);
  }
  manifest.dependencies["edgestamp"] = `file:${tarball}`;
  await writeFile(join(copy, "package.json"), JSON.stringify(manifest));
  await npm(copy, ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]);
  return { folder: copy, script: (name, env) => npm(copy, ["run", name], env) };
}

/** Runs npm; rejects with what it printed. */
async function npm(cwd: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<string> {
  try {
    return (await run("npm", args, {
      cwd,
      env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", CI: "1", ...env },
      maxBuffer: 64 * 1024 * 1024,
    })).stdout;
  } catch (error) {
    const { stdout, stderr } = error as { stdout?: string; stderr?: string };
    throw new Error(`npm ${args.join(" ")} failed\n${stdout ?? ""}\n${stderr ?? String(error)}`);
  }
}
