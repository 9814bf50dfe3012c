/**
 * Fills the tables of `docs/performance.md` from what was measured.
 *
 * @module
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "./processes.ts";
import { FILE, readResults, type Section } from "./store.ts";
import { markdownTable } from "./table.ts";

const DOCUMENT = "docs/performance.md";

/** A table stands between two comments that name its part. */
const PLACE = /(<!-- bench: (\w+) -->\n)[^]*?(<!-- \/bench -->)/g;

/** Fills each place whose part was measured; the others stay as they are. */
export async function writeDocument(): Promise<void> {
  const results = await readResults();
  if (Object.keys(results).length === 0) {
    throw new Error(`Cannot fill ${DOCUMENT}: ${FILE} is not there; run \`npm run bench\` first`);
  }
  const file = path.join(ROOT, DOCUMENT);
  const text = await readFile(file, "utf8");
  await writeFile(
    file,
    text.replace(PLACE, (all, open: string, part: string, close: string) => {
      const section = results[part];
      return section === undefined ? all : `${open}\n${describe(section)}\n\n${close}`;
    }),
  );
}

function describe({ measuredAt, machine, quick, rows }: Section): string {
  const how = quick ? "A quick run, which proves nothing" : "Measured";
  return `${how}: ${measuredAt.slice(0, 10)}, ${machine}.\n\n${markdownTable(rows)}`;
}
