/** Serves the built page from memory: it is a handful of files. */

import { glob, readFile } from "node:fs/promises";
import { extname } from "node:path";

/** A built page. */
export interface PageFiles {
  readonly dir: URL;
  /** Whether it had to be built. */
  readonly isNew: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** Answers for a path, or not at all. */
export type ServeFile = (pathname: string) => Response | undefined;

/** Reads all files. */
export async function readFiles(dir: URL): Promise<ServeFile> {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for await (const entry of glob("**/*.*", { cwd: dir })) {
    files.set(`/${entry.replaceAll("\\", "/")}`, new Uint8Array(await readFile(new URL(entry, dir))));
  }
  return (pathname) => {
    const name = pathname === "/" ? "/index.html" : pathname;
    const bytes = files.get(name);
    if (bytes === undefined) return undefined;
    // Names of assets hold a hash of their content; the page itself changes.
    const cache = name === "/index.html" ? "no-cache" : "public, max-age=31536000, immutable";
    return new Response(bytes, {
      headers: { "content-type": TYPES[extname(name)] ?? "application/octet-stream", "cache-control": cache },
    });
  };
}
