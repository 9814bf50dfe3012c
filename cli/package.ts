/**
 * The package that these commands are part of: where it lies, and its version.
 *
 * @module
 */
import { existsSync, readFileSync } from "node:fs";

/** The package's folder, with a slash at its end: one up from the sources, two up from `dist/cli/`. */
export const ROOT: URL = new URL(
  existsSync(new URL("../package.json", import.meta.url)) ? "../" : "../../",
  import.meta.url,
);

/** The package's version, as `package.json` has it. */
export function readVersion(): string {
  return (JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as { version: string }).version;
}
