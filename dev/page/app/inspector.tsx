/** What happened to each message, the latest first. */

import { useEffect } from "react";
import type { PageConfig } from "../../inspector_facts.ts";
import { TurnCard } from "./turn_card.tsx";
import type { Turn } from "./turns.ts";

export interface InspectorProps {
  readonly turns: readonly Turn[];
  readonly config: PageConfig;
  readonly connected: boolean;
  /** The turn that was asked for last. */
  readonly shown: { readonly turnId: string } | undefined;
}

export function Inspector({ turns, config, connected, shown }: InspectorProps) {
  useEffect(() => {
    const card = shown === undefined ? null : document.getElementById(cardId(shown.turnId));
    if (!(card instanceof HTMLDetailsElement)) return;
    card.open = true;
    card.scrollIntoView({ block: "nearest" });
    card.querySelector("summary")?.focus({ preventScroll: true });
  }, [shown]);
  const messages = turns.filter(({ use }) => use === "append");
  return (
    <section className="inspector" aria-labelledby="inspector-title">
      <h2 id="inspector-title">
        Inspector <small role="status">{connected ? "live" : "lost its server: it tries again"}</small>
      </h2>
      <div className="turns" role="region" aria-label="What happened to each message" tabIndex={0}>
        {turns.length === 0 && (
          <p className="hint">
            Each message that you send shows up here: as it was sent, as the proxy changed it, as the agent saw it.
          </p>
        )}
        {turns.toReversed().map((turn) => (
          <TurnCard
            key={turn.id}
            id={cardId(turn.id)}
            turn={turn}
            title={turn.use === "create" ? "The session begins" : `${messages.indexOf(turn) + 1}. ${turn.text}`}
            isLatest={turn === turns.at(-1)}
            config={config}
          />
        ))}
      </div>
    </section>
  );
}

function cardId(turnId: string): string {
  return `turn-${turnId}`;
}
