/** Runs React hooks, effects and all, as a mounted component does; without a page, since hooks draw nothing. */

import { createElement as createRootElement } from "./tiny_dom.ts";
import { createElement } from "react";
import { createRoot } from "react-dom/client";

export interface Rendered<T> {
  /** What the hook returned last. */
  readonly latest: T;
  /** Everything that it returned, in order. */
  readonly history: readonly T[];
  /** Resolves with what the hook returns, once it fits. Rejects after `withinMs`, or with the error that the hook threw. */
  until(fits: (value: T) => boolean, withinMs?: number): Promise<T>;
  /** Ends the component, as leaving the page does. */
  unmount(): void;
}

export function renderHook<T>(use: () => T): Rendered<T> {
  const history: T[] = [];
  const listeners = new Set<() => void>();
  let thrown: unknown;
  const Component = () => {
    history.push(use());
    for (const listener of [...listeners]) queueMicrotask(listener);
    return null;
  };
  const onUncaughtError = (error: unknown) => {
    thrown = error;
    for (const listener of [...listeners]) listener();
  };
  const root = createRoot(createRootElement(), { onUncaughtError });
  root.render(createElement(Component));
  return {
    get latest() {
      return history.at(-1) as T;
    },
    history,
    unmount: () => root.unmount(),
    until(fits, withinMs = 40_000) {
      return new Promise((resolve, reject) => {
        const settle = (done: () => void) => {
          clearTimeout(timer);
          listeners.delete(listener);
          done();
        };
        const listener = () => {
          if (thrown !== undefined) return settle(() => reject(thrown as Error));
          const value = history.at(-1);
          if (history.length > 0 && fits(value as T)) settle(() => resolve(value as T));
        };
        const timer = setTimeout(
          () => settle(() => reject(new Error(`the hook did not get there: ${JSON.stringify(history.at(-1))}`))),
          withinMs,
        );
        listeners.add(listener);
        listener();
      });
    },
  };
}
