/**
 * What the scan of a stamped body has to find, for one namespace.
 *
 * @module
 */
import { GUARDED_PAYLOAD } from "./guard.ts";
import type { Shape } from "./splice.ts";

/** The shapes of one stamped route: where only the place matters, and where its payload is judged or sealed, too. */
export interface Shapes {
  readonly bare: Shape;
  readonly full: Shape;
}

/** Compiles the shapes of both stamped routes. */
export function compileShapes(namespace: string): Readonly<Record<"create" | "append", Shapes>> {
  const metadata: Shape = { [namespace]: null };
  const full: Shape = { ...GUARDED_PAYLOAD, trigger: null, messageId: null, metadata };
  return {
    create: {
      bare: { triggerConfig: { basePayload: { metadata } } },
      full: { externalId: null, triggerConfig: { basePayload: full } },
    },
    append: {
      bare: { kind: null, payload: { metadata } },
      full: { kind: null, payload: full },
    },
  };
}
