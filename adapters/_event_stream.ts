/**
 * Which answers go on for as long as somebody reads them.
 *
 * @module
 */

/** Whether an answer is an event stream. */
export function isEventStream({ headers }: Response): boolean {
  return headers.get("content-type")?.startsWith("text/event-stream") === true;
}
