/**
 * The rewrite as Trigger.dev's page shows it, restated: parse, spread, serialise again.
 *
 * @module
 */

/** Rewrites an append the reference's way. */
export function referenceAppend(body: string, signals: unknown): string {
  const record = JSON.parse(body) as { kind?: unknown; payload?: { metadata?: Record<string, unknown> } };
  if (record.kind !== "message") return body;
  const { metadata, ...payload } = record.payload ?? {};
  const kept = { ...metadata };
  delete kept["__cf"];
  return JSON.stringify({ ...record, payload: { ...payload, metadata: { ...kept, __cf: signals } } });
}
