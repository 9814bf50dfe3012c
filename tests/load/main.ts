// deno-lint-ignore-file no-console -- it speaks to whoever runs it
/**
 * `npm run load`: 2,000 appends a second for a minute while 2,000 event streams are open, on Bun and on Deno,
 * through edgestamp and through a proxy that changes nothing. Exits with 1 where a request failed, a stream
 * broke off, an append was lost or doubled, the rate was not held, or memory grew after the first 20 seconds.
 * `--seconds`, `--rate`, `--streams` and `--runtimes bun,deno,node` change it.
 */
import process from "node:process";
import { parseArgs } from "node:util";
import { mean, runLoad, type Watched } from "./run.ts";

const { values } = parseArgs({
  options: {
    seconds: { type: "string", default: "60" },
    rate: { type: "string", default: "2000" },
    streams: { type: "string", default: "2000" },
    runtimes: { type: "string", default: "bun,deno" },
  },
});
const load = {
  seconds: Number(values.seconds),
  perSecond: Number(values.rate),
  streams: Number(values.streams),
  connections: 64,
};

/** From when on memory must be flat, in seconds, and by how much it may differ nonetheless. */
const WARM_SECONDS = 20;
const FLAT_RATIO = 1.1;
const FLAT_MIB = 8;

for (const runtime of values.runtimes.split(",") as ("bun" | "deno" | "node")[]) {
  const bare = await runLoad(runtime, "null", load);
  report(runtime, "null", bare, bare);
  const stamped = await runLoad(runtime, "edgestamp", load);
  report(runtime, "edgestamp", stamped, bare);
  for (const complaint of complaintsOf(stamped)) {
    console.log(`  ✖ ${complaint}`);
    process.exitCode = 1;
  }
}

function report(runtime: string, name: string, one: Watched, bare: Watched): void {
  const ratio = (of: (watched: Watched) => number, unit: string): string =>
    `${of(one).toFixed(1)} ${unit} (${(of(one) / of(bare)).toFixed(2)})`;
  console.log(
    [
      `${runtime} ${name}: ${
        Math.round(one.answered / one.tookMs * 1000)
      }/s, ${one.failed} failed, ${one.reconnected} reconnected`,
      `${one.held} of ${one.opened} streams held, ${one.events} events`,
      `p50 ${ratio(({ p50 }) => p50, "ms")}, p99 ${ratio(({ p99 }) => p99, "ms")}, max ${one.max.toFixed(0)} ms`,
      `CPU ${ratio(({ cpuMicros }) => cpuMicros, "µs each")}`,
      `memory ${ratio(lately, "MiB")}, after ${WARM_SECONDS} s ${early(one).toFixed(1)} MiB`,
    ].join("; "),
  );
}

/** Memory in the ten seconds after it was warm, and in the last ten. */
function early({ memoryMib }: Watched): number {
  return mean(memoryMib.slice(WARM_SECONDS, WARM_SECONDS + 10));
}

function lately({ memoryMib }: Watched): number {
  return mean(memoryMib.slice(-10));
}

function complaintsOf(watched: Watched): string[] {
  const { sent, answered, failed, tookMs, opened, held, counts } = watched;
  const complaints: string[] = [];
  const expect = (holds: boolean, complaint: string): void => void (holds || complaints.push(complaint));
  expect(failed === 0 && answered === sent, `${failed} of ${sent} appends failed`);
  expect(opened === load.streams && held === opened, `${held} of ${load.streams} streams held`);
  expect(
    counts.appends === sent && counts.repeated === 0,
    `${counts.appends} appends arrived, ${counts.repeated} twice`,
  );
  expect(counts.unstamped === 0, `${counts.unstamped} appends arrived without a stamp`);
  expect(tookMs < load.seconds * 1000 * 1.02 + 200, `${(tookMs / 1000).toFixed(1)} s were needed for ${load.seconds}`);
  const grown = lately(watched) - early(watched) * FLAT_RATIO;
  expect(
    load.seconds < WARM_SECONDS + 20 || grown < FLAT_MIB,
    `memory grew by ${grown.toFixed(1)} MiB beyond ${FLAT_RATIO}`,
  );
  return complaints;
}
