/**
 * Builds `dist/` from the TypeScript sources: ES modules and their types, one for one, and the page of `edgestamp/dev`.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { glob, readFile, rm, writeFile } from "node:fs/promises";
import { bundle } from "../dev/page/build.ts";

await rm("dist", { recursive: true, force: true });
execFileSync("tsc", ["-p", "tsconfig.build.json"], { stdio: "inherit" });

// The compiler rewrites the ends of import specifiers in JavaScript but not in declarations
// (microsoft/TypeScript#61037), and not every reader of declarations looks behind `.ts`.
for await (const file of glob("dist/**/*.d.ts")) {
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/(from |import\()"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
}

await bundle(new URL("../dist/dev/page/built/", import.meta.url));
