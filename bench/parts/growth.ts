/**
 * How cost grows with the work.
 *
 * @module
 */
import type { Times } from "../contest.ts";
import { DEPTHS, GROWTH_BASE_KIB, GROWTH_KIB, REPEATS } from "../growth_contests.ts";
import { type Contests, runInside } from "../insides.ts";
import type { Plan } from "../plan.ts";
import type { Runtime } from "../processes.ts";
import { REFERENCE_NAMESPACE } from "../reference.ts";
import type { Row, Target } from "../rows.ts";
import { ratios } from "../stats.ts";

const PARTS = ["size", "repeats", "nesting", "tripwire"];

/** What is linear costs as much for each byte, whatever the size; the rest is room for caches and collectors. */
const LINEAR: Target = { atMost: 2 };

/** Times what grows, on one runtime. */
export async function growthRows({ runs, sliceMs }: Plan, runtime: Runtime): Promise<Row[]> {
  const contests = await runInside(runtime, { section: "growth", parts: PARTS }, { runs, sliceMs });
  return [
    ...sizeRows(contests, runtime),
    ...repeatRows(contests["repeats"]!, runtime),
    ...DEPTHS.map((depth): Row => ({
      case: `${depth} levels`,
      measure: "÷ 0 levels, same bytes",
      unit: "×",
      runtime,
      figure: ratios(contests["nesting"]![String(depth)]!, contests["nesting"]!["0"]!),
    })),
    ...tripwireRows(contests, runtime),
  ];
}

function sizeRows(contests: Contests, runtime: Runtime): Row[] {
  return ["text", "structure"].flatMap((texture) =>
    GROWTH_KIB.map((kib): Row => {
      const times = contests[`size ${texture}`]!;
      const perByte = (size: number): number[] => times[String(size)]!.map((nanos) => nanos / size);
      return {
        case: `${texture} ${kib} KiB`,
        measure: `a byte ÷ at ${GROWTH_BASE_KIB} KiB`,
        unit: "×",
        runtime,
        figure: ratios(perByte(kib), perByte(GROWTH_BASE_KIB)),
        target: kib > GROWTH_BASE_KIB ? LINEAR : undefined,
      };
    })
  );
}

function repeatRows(times: Times, runtime: Runtime): Row[] {
  return REPEATS.map((count): Row => ({
    case: `${count} namespaces`,
    measure: "÷ other keys",
    unit: "×",
    runtime,
    figure: ratios(times[`${REFERENCE_NAMESPACE} ${count}`]!, times[`__xx ${count}`]!),
  }));
}

function tripwireRows(contests: Contests, runtime: Runtime): Row[] {
  return Object.entries(contests).flatMap(([name, { tripwire, parse }]): Row[] => {
    if (tripwire === undefined || parse === undefined) return [];
    return [{
      case: `${name} KiB`,
      measure: "÷ JSON.parse",
      unit: "×",
      runtime,
      figure: ratios(tripwire, parse),
    }];
  });
}
