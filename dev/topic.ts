/** A number that grows with every change, and those who wait for it to grow. */

export interface Topic {
  readonly current: number;
  /** The number of the change that is about to be made. */
  next(): number;
  /** Tells those who wait that a change was made. */
  wake(): void;
  /** Resolves when there was a change after `version`, or the signal aborts. */
  after(version: number, signal: AbortSignal): Promise<void>;
}

/** `restored` gives the number of the last change before the start; it is asked once, when a number is first needed. */
export function createTopic(restored: () => number): Topic {
  let current: number | undefined;
  const waiters = new Set<() => void>();
  const now = () => (current ??= restored());
  return {
    get current() {
      return now();
    },
    next: () => (current = now() + 1),
    wake() {
      for (const waiter of [...waiters]) waiter();
    },
    after(version, signal) {
      if (now() > version || signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const done = () => {
          waiters.delete(done);
          signal.removeEventListener("abort", done);
          resolve();
        };
        waiters.add(done);
        signal.addEventListener("abort", done, { once: true });
      });
    },
  };
}
