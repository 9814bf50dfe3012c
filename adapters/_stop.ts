/**
 * How a server that is told to stop does it: it cuts event streams, so that their clients resume elsewhere,
 * tells everyone else to come back on another connection, and waits for what is open.
 *
 * @module
 */

/** Docker kills ten seconds after it asked; a stream that is cut off is resumed by `Last-Event-ID`. */
export const GRACE_MS = 9_000;

/**
 * How long a server that is told to stop still takes requests, and closes each connection with its answer:
 * one that is closed while it seems idle may have a request on its way, which nobody would answer. A
 * connection that is used meanwhile is closed in order; a load balancer has time to look elsewhere.
 */
const PARTING_MS = 500;

/** Two ways for a server to end. */
export interface Ending {
  /** Takes no more connections; resolves when what is open has ended. */
  close(): Promise<unknown>;
  /** Cuts off what is left. */
  cutOff(): unknown;
}

/** Stops a server: aborts `stopping`, which cuts streams, and closes it in order, within `graceMs` in all. */
export async function stopInOrder(
  stopping: AbortController,
  { close, cutOff }: Ending,
  graceMs: number,
): Promise<void> {
  // Any other reason is printed by Bun, once for each stream that it cuts.
  stopping.abort(null);
  const partingMs = Math.min(PARTING_MS, graceMs);
  await new Promise((resolve) => setTimeout(resolve, partingMs));
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<"late">((resolve) => {
    timer = setTimeout(() => resolve("late"), graceMs - partingMs);
  });
  if (await Promise.race([close(), late]) === "late") await cutOff();
  clearTimeout(timer);
}
