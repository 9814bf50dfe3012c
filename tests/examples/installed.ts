/** Copies of the examples that install the package as it would be published. */

import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { npm, type Packed } from "../../tools/pack.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

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
  return { folder: copy, script: (name, env) => npm(copy, ["run", name], { NEXT_TELEMETRY_DISABLED: "1", ...env }) };
}
