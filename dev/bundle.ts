/**
 * Builds what threads run into few files, as Trigger.dev's own CLI does with tasks: most of what a thread costs is loading
 * hundreds of modules, and so it starts in a third of the time. Needs `esbuild`, which is the app's own.
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface Bundle {
  readonly worker: URL;
  readonly tasks: URL;
  remove(): Promise<void>;
}

/** CommonJS packages in the bundle ask for Node's own modules with `require`. */
const REQUIRE =
  'import { createRequire as createRequireForBundle } from "node:module"; const require = createRequireForBundle(import.meta.url);';

export async function bundle(worker: URL, tasks: URL): Promise<Bundle> {
  const { build } = await import("esbuild");
  const outdir = await mkdtemp(join(tmpdir(), "edgestamp-dev-"));
  await build({
    entryPoints: { worker: fileURLToPath(worker), tasks: fileURLToPath(tasks) },
    outdir,
    bundle: true,
    // The two share what both import: a task is defined in the catalog that the worker reads.
    splitting: true,
    format: "esm",
    outExtension: { ".js": ".mjs" },
    platform: "node",
    banner: { js: REQUIRE },
    // The SDK is imported for its effects, and says that it has none.
    ignoreAnnotations: true,
    logLevel: "error",
  });
  const built = (name: string) => pathToFileURL(join(outdir, `${name}.mjs`));
  return { worker: built("worker"), tasks: built("tasks"), remove: () => rm(outdir, { recursive: true, force: true }) };
}
