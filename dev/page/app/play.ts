/** What is played: what the edge says, and how the page behaves. */

import { useRef, useState } from "react";
import { type Played, UNPLAYED } from "../../edge_signals.ts";

export interface Play extends Played {
  /** The page claims signals of its own. */
  readonly forge: boolean;
  /** The page sends straight to Trigger.dev. */
  readonly around: boolean;
}

/** What a page claims that forges: nobody is more human. */
export const FORGED = { botScore: 99, ja4: "forged", asn: 1, country: "US" } as const;

/** Below this score the demo agent declines. */
export const BOT_SCORE_LIMIT = 30;

export interface PlayState {
  readonly play: Play;
  /** For callbacks that outlive a render. */
  readonly latest: { readonly current: Play };
  change(part: Partial<Play>): void;
}

export function usePlay(): PlayState {
  const [play, setPlay] = useState<Play>({ ...UNPLAYED, forge: false, around: false });
  const latest = useRef(play);
  latest.current = play;
  return { play, latest, change: (part) => setPlay((now) => ({ ...now, ...part })) };
}

export function personOrBot(botScore: number): string {
  return botScore < BOT_SCORE_LIMIT ? "likely a bot" : "likely a person";
}
