/**
 * By which way a runtime hands a body on fastest, which is the way of the null proxy.
 *
 * @module
 */
import { FASTEST, type Handing } from "../contenders.ts";
import { appendCase, runLoad } from "../load.ts";
import type { Plan } from "../plan.ts";
import type { Runtime } from "../processes.ts";
import type { Row } from "../rows.ts";
import { figure } from "../stats.ts";

const HANDINGS: readonly Handing[] = ["stream", "bytes", "text"];

/** Tries all ways on one runtime. */
export async function handingRows({ runs, loadSeconds: seconds }: Plan, runtime: Runtime): Promise<Row[]> {
  const rows: Row[] = [];
  for (const bytes of [300, 4 * 1024, 512 * 1024]) {
    const test = appendCase("text", bytes);
    for (const handing of HANDINGS) {
      const results = await runLoad(runtime, [test], { runs, seconds }, { contenders: ["null"], handing });
      rows.push({
        case: test.name,
        measure: `by ${handing}${handing === FASTEST[runtime] ? " (chosen)" : ""}`,
        unit: "µs",
        runtime,
        figure: figure(results[test.name]!["null"]!.cpuMicros),
      });
    }
  }
  return rows;
}
