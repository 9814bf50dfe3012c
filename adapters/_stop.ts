/**
 * How long a server that is told to stop waits for what is open.
 *
 * @module
 */

/** Docker kills ten seconds after it asked; a stream that is cut off is resumed by `Last-Event-ID`. */
export const GRACE_MS = 9_000;

/** Waits for `ended`, and no longer than `graceMs`; then cuts off what is left. */
export async function within(graceMs: number, ended: Promise<unknown>, cutOff: () => unknown): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), graceMs);
  });
  if (await Promise.race([ended, late]) === "late") await cutOff();
  clearTimeout(timer);
}
