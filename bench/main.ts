// deno-lint-ignore-file no-console -- a command speaks to whoever runs it
/**
 * `npm run bench`: measures, prints tables, and writes them as JSON.
 *
 * @module
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { writeDocument } from "./document.ts";
import { PARTS } from "./parts.ts";
import { FULL, type Plan, QUICK } from "./plan.ts";
import { type Runtime, RUNTIMES } from "./processes.ts";
import { isMet, type Row } from "./rows.ts";
import { FILE, machine, writeSection } from "./store.ts";
import { plainTable } from "./table.ts";

const HELP = `Usage: npm run bench -- [options]

  --only <part,…>      ${Object.keys(PARTS).join(", ")}
  --runtimes <name,…>  ${RUNTIMES.join(", ")}
  --quick              fewer and shorter runs: to see that it works, not what it takes
  --write-docs         only fill the tables of docs/performance.md from the last runs

A figure is the median of the runs, with the least and the greatest of them; ✗ marks one that misses
its target. Everything is also written to ${FILE}.`;

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    runtimes: { type: "string" },
    quick: { type: "boolean", default: false },
    "write-docs": { type: "boolean", default: false },
    help: { type: "boolean", short: "h", default: false },
  },
});

if (values.help) console.log(HELP);
else if (values["write-docs"]) await writeDocument();
else process.exitCode = await measure();

async function measure(): Promise<number> {
  const parts = chosen(
    values.only,
    Object.keys(PARTS),
    Object.keys(PARTS).filter((name) => !PARTS[name]!.onlyWhenAsked),
  );
  const runtimes = chosen(values.runtimes, RUNTIMES, RUNTIMES) as Runtime[];
  const plan: Plan = { ...(values.quick ? QUICK : FULL), runtimes };
  let failures = 0;
  for (const name of parts) {
    const { title, rows: rowsOf } = PARTS[name]!;
    const rows: Row[] = [];
    for (const runtime of runtimes) {
      try {
        rows.push(...await rowsOf(plan, runtime));
      } catch (error) {
        failures++;
        console.error(`Cannot measure ${name} on ${runtime}:`, error);
      }
    }
    if (rows.length === 0) continue;
    console.log(`\n${title}\n\n${plainTable(rows)}`);
    const missed = rows.filter((row) => !isMet(row)).length;
    if (missed > 0) {
      console.log(`\n${missed} of ${rows.filter((row) => row.target !== undefined).length} targets missed`);
    }
    await writeSection(name, {
      title,
      measuredAt: new Date().toISOString(),
      machine: machine(),
      quick: values.quick,
      rows,
    });
  }
  return failures > 0 ? 1 : 0;
}

/** What a list of names chooses from `known`. */
function chosen(list: string | undefined, known: readonly string[], byDefault: readonly string[]): readonly string[] {
  if (list === undefined) return byDefault;
  const names = list.split(",").map((name) => name.trim());
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  console.error(`Cannot choose ${JSON.stringify(unknown)}: give some of ${known.join(", ")}`);
  return process.exit(1);
}
