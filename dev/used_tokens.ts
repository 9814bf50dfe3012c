/** Tokens that are good for one use, and were used. */

import { createKeeping, type Keeping } from "./journal.ts";

export interface UsedTokens {
  has(token: string): boolean;
  add(token: string): void;
}

export function createUsedTokens(keeping: Keeping = createKeeping(undefined)): UsedTokens {
  const used = new Set<string>();
  const write = keeping.keep("tokens", { replay: (token) => used.add(token as string), changes: () => used });
  return {
    has: (token) => used.has(token),
    add(token) {
      used.add(token);
      write(token);
    },
  };
}
