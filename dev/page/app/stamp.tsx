/** A stamp, as small as it is pasted: what stands under the namespace. */

import { at, type Json } from "./json.ts";
import type { Tone } from "./verdict.ts";

export function Stamp({ stamp, tone }: { stamp: Json | undefined; tone: Tone }) {
  if (stamp === undefined) return <span className="stamp none">no stamp</span>;
  const [score, country] = [at(stamp, "botScore"), at(stamp, "country")];
  return (
    <span className={`stamp ${tone}`}>
      <b>{score === undefined ? "sealed" : String(score)}</b> {country === undefined ? "" : String(country)}
    </span>
  );
}
