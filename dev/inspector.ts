/** Keeps the facts of one start, and tells them to whoever listens. */

import type { Fact, Numbered } from "./inspector_facts.ts";

/** More than anyone scrolls through; older ones are forgotten. */
const FACTS_KEPT = 2_000;

export interface Inspector {
  note(fact: Fact): void;
  /** Tells the facts of a chat after number `after`, then each new one until `signal` aborts. */
  follow(chatId: string, after: number, tell: (fact: Numbered) => void, signal: AbortSignal): void;
}

export function createInspector(): Inspector {
  const facts: Numbered[] = [];
  const listeners = new Set<(fact: Numbered) => void>();
  let count = 0;
  return {
    note(fact) {
      const numbered = { ...fact, n: ++count };
      facts.push(numbered);
      if (facts.length > FACTS_KEPT) facts.shift();
      for (const listener of listeners) listener(numbered);
    },
    follow(chatId, after, tell, signal) {
      const listener = (fact: Numbered): void => {
        if (fact.chatId === chatId && fact.n > after) tell(fact);
      };
      for (const fact of facts) listener(fact);
      listeners.add(listener);
      signal.addEventListener("abort", () => listeners.delete(listener), { once: true });
    },
  };
}

/** Now, in milliseconds since 1970 with fractions: hops on one machine take less than one. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}
