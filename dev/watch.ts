/** Waiting for something to be seen, whether it was seen already or will be. */

type Kind = { readonly kind: string };

export interface Watch<T extends Kind> {
  /** Resolves with the first, past or future, that fits. Rejects after `withinMs`. */
  seen<K extends T["kind"]>(
    kind: K,
    fits?: (seen: Extract<T, { kind: K }>) => boolean,
    withinMs?: number,
  ): Promise<Extract<T, { kind: K }>>;
}

/** `seen` is what was seen so far, which its owner adds to, and calls `wake`. */
export function createWatch<T extends Kind>(all: readonly T[]): Watch<T> & { wake(): void } {
  const listeners = new Set<() => void>();
  return {
    wake() {
      for (const listener of listeners) listener();
    },
    seen(kind, fits = () => true, withinMs = 10_000) {
      type Wanted = Extract<T, { kind: typeof kind }>;
      const find = () => all.find((seen): seen is Wanted => seen.kind === kind && fits(seen as Wanted));
      return new Promise((resolve, reject) => {
        const listener = () => {
          const found = find();
          if (found === undefined) return;
          clearTimeout(timer);
          listeners.delete(listener);
          resolve(found);
        };
        const timer = setTimeout(() => {
          listeners.delete(listener);
          reject(new Error(`no "${kind}" within ${withinMs} ms; seen: ${JSON.stringify(all)}`));
        }, withinMs);
        listeners.add(listener);
        listener();
      });
    },
  };
}
