/**
 * The whole proxy over one that changes nothing, and over the reference.
 *
 * @module
 */
import { SIZES, type Texture } from "../bodies.ts";
import { runInside } from "../insides.ts";
import { appendCase, readCase, runLoad, type Series } from "../load.ts";
import type { Plan } from "../plan.ts";
import type { Runtime } from "../processes.ts";
import { type Row, sizeName, type Target } from "../rows.ts";
import { figure, ratios } from "../stats.ts";

type Body = readonly [Texture, number];

// Where chat turns live, and all sizes of what costs most.
const BODIES: readonly Body[] = [
  ...SIZES.map((bytes): Body => ["text", bytes]),
  ...SIZES.slice(1, 4).map((bytes): Body => ["structure", bytes]),
];

/** Up to this size the aim is in requests per second; above, in what `JSON.parse` takes. */
const SMALL_BYTES = 4 * 1024;

/** Loads the proxies on one runtime. */
export async function proxyRows({ runs, sliceMs, loadSeconds: seconds }: Plan, runtime: Runtime): Promise<Row[]> {
  const cases = [readCase(), ...BODIES.map(([texture, bytes]) => appendCase(texture, bytes))];
  const contenders = ["null", "edgestamp", "reference"] as const;
  const results = await runLoad(runtime, cases, { runs, seconds }, { contenders });
  const parsing = await runInside(runtime, { section: "splice", bodies: BODIES }, { runs, sliceMs });
  return [
    ...speedRows(runtime, "GET", results["GET"]!, { atLeast: 0.97 }),
    ...BODIES.flatMap(([texture, bytes]) => {
      const name = `${texture} ${sizeName(bytes)}`;
      const series = results[name]!;
      return [
        ...speedRows(runtime, name, series, bytes > SMALL_BYTES ? undefined : { atLeast: 0.95 }),
        ...(bytes > SMALL_BYTES ? [addedRow(runtime, name, series, parsing[name]!["parse"]!)] : []),
      ];
    }),
  ];
}

function speedRows(runtime: Runtime, name: string, series: Record<string, Series>, target: Target | undefined): Row[] {
  const [none, own, reference] = [series["null"]!, series["edgestamp"]!, series["reference"]!];
  const row = { case: name, runtime, unit: "×" as const };
  const speed = ratios(own.requestsPerSecond, none.requestsPerSecond);
  const lead = ratios(own.requestsPerSecond, reference.requestsPerSecond);
  return [
    { ...row, measure: "requests/s ÷ null's", figure: speed, target },
    { ...row, measure: "requests/s ÷ reference's", figure: lead, target: { atLeast: 1 } },
    { ...row, measure: "processor ÷ null's", figure: ratios(own.cpuMicros, none.cpuMicros) },
    { ...row, measure: "processor", unit: "µs", figure: figure(own.cpuMicros) },
  ];
}

/** Processor's time, because that is what other processes on the machine hardly move. */
function addedRow(runtime: Runtime, name: string, series: Record<string, Series>, parse: readonly number[]): Row {
  const parseMicros = figure(parse).median / 1000;
  const added = series["edgestamp"]!.cpuMicros.map((micros, run) => micros - series["null"]!.cpuMicros[run]!);
  return {
    case: name,
    runtime,
    unit: "×",
    measure: "added to null's ÷ JSON.parse",
    figure: figure(added.map((micros) => micros / parseMicros)),
    target: { atMost: 0.5 },
  };
}
