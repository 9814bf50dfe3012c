/** How long each hop took, on one scale. */

import type { CSSProperties } from "react";
import type { Moments, Turn } from "./turns.ts";
import { span } from "./words.ts";

interface Hop {
  readonly name: string;
  readonly from: number | undefined;
  readonly to: number | undefined;
}

export function Hops({ turn }: { turn: Turn }) {
  const hops = hopsOf(turn);
  const known = hops.flatMap(({ from, to }) => [from, to]).filter((time) => time !== undefined);
  const start = Math.min(...known);
  const whole = Math.max(...known) - start || 1;
  return (
    <ol className="hops">
      {hops.map(({ name, from, to }) => (
        <li key={name}>
          <span>{name}</span>
          <span
            className="bar"
            style={from === undefined || to === undefined ? {} : barStyle((from - start) / whole, (to - start) / whole)}
            aria-hidden="true"
          />
          <span className="ms">{from === undefined || to === undefined ? "–" : span(Math.max(0, to - from))}</span>
        </li>
      ))}
    </ol>
  );
}

/** From where to where a hop lasts, of 1; and so that the shortest is still seen. */
function barStyle(from: number, to: number): CSSProperties {
  const end = Math.max(to, from + 0.01);
  return { "--left": `${from * 100}%`, "--right": `${Math.max(0, 1 - end) * 100}%` } as CSSProperties;
}

function hopsOf({ use, around, refused, error, moments }: Turn): readonly Hop[] {
  const { sent, arrived, reached, saw, firstWord, over }: Moments = moments;
  const sender = use === "create" ? "App's server" : "Page";
  const first: readonly Hop[] = around
    ? [{ name: `${sender} to Trigger.dev`, from: sent, to: reached }, {
      name: "The proxy",
      from: undefined,
      to: undefined,
    }]
    : [{ name: `${sender} to proxy`, from: sent, to: arrived }, {
      name: "Through the proxy",
      from: arrived,
      to: reached,
    }];
  if (refused !== undefined) return first;
  if (use === "create") return [...first, { name: "Until the agent booted", from: reached, to: saw }];
  if (error !== undefined) {
    return [...first, { name: "Until it was turned down", from: reached, to: firstWord ?? over }];
  }
  return [
    ...first,
    { name: "Until the agent saw it", from: reached, to: saw },
    { name: "Until its first word", from: saw, to: firstWord },
    { name: "Until its last", from: firstWord, to: over },
  ];
}
