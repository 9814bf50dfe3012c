/**
 * The splice over the reference's rewrite and over `JSON.parse` alone.
 *
 * @module
 */
import { SIZES, type Texture } from "../bodies.ts";
import { runInside } from "../insides.ts";
import type { Plan } from "../plan.ts";
import type { Runtime } from "../processes.ts";
import { type Row, sizeName, type Target } from "../rows.ts";
import { figure, ratios } from "../stats.ts";

const TEXTURES: readonly Texture[] = ["text", "structure", "unicode"];

/** Times the splice on one runtime. */
export async function spliceRows({ runs, sliceMs }: Plan, runtime: Runtime): Promise<Row[]> {
  const bodies = TEXTURES.flatMap((texture) => SIZES.map((bytes) => [texture, bytes] as const));
  const contests = await runInside(runtime, { section: "splice", bodies }, { runs, sliceMs });
  return bodies.flatMap(([texture, bytes]): Row[] => {
    const name = `${texture} ${sizeName(bytes)}`;
    const { splice, reference, parse } = contests[name]!;
    const micros = splice!.map((nanos) => nanos / 1000);
    return [
      {
        case: name,
        measure: "reference ÷ splice",
        unit: "×",
        runtime,
        figure: ratios(reference!, splice!),
        target: targetOf(texture, bytes),
      },
      { case: name, measure: "JSON.parse ÷ splice", unit: "×", runtime, figure: ratios(parse!, splice!) },
      { case: name, measure: "splice", unit: "µs", runtime, figure: figure(micros) },
    ];
  });
}

function targetOf(texture: Texture, bytes: number): Target {
  if (bytes < 4096) return { atLeast: 2 };
  return { atLeast: texture === "structure" ? 2.5 : 4 };
}
