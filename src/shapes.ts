/**
 * What the scan of a stamped body has to find, for one namespace.
 *
 * @module
 */

/** The keys that matter in an object, compiled for the scan. They are ASCII, and none is `__proto__`. */
export interface Shape {
  readonly names: readonly string[];
  /** The same as bytes; after the last comes `__proto__`, which the scan looks out for everywhere. */
  readonly keys: readonly Uint8Array[];
  /** The positions of the keys of a length, by that length. */
  readonly byLength: readonly (readonly number[] | undefined)[];
  /** The shapes of the objects under them; `undefined` asks for the value only. */
  readonly inner: readonly (Shape | undefined)[];
}

/** The shapes of one stamped route: where only the place matters, and where its payload is judged or sealed, too. */
export interface Shapes {
  readonly bare: Shape;
  readonly full: Shape;
}

/**
 * The fields of a chat payload that are the server's to set. `headStartMessages` is a chat's whole history, which the
 * app's own head-start route sends with a secret key.
 */
export const SERVER_FIELDS = [
  "continuation",
  "previousRunId",
  "channelEvent",
  "actionSource",
  "headStartMessages",
] as const;

/** Where the shape of a body's root is of no matter but for its kind. */
export const KIND_ONLY: Shape = /* @__PURE__ */ toShape({ kind: null });

/** Compiles the shapes of both stamped routes. */
export function compileShapes(namespace: string): Readonly<Record<"create" | "append", Shapes>> {
  const metadata: Plan = { [namespace]: null };
  const payload: Plan = {
    metadata,
    message: { role: null, id: null },
    action: null,
    chatId: null,
    trigger: null,
    messageId: null,
    sessionId: null,
    ...Object.fromEntries(SERVER_FIELDS.map((field) => [field, null])),
  };
  return {
    create: {
      bare: toShape({ triggerConfig: { basePayload: { metadata } } }),
      full: toShape({ externalId: null, triggerConfig: { basePayload: payload } }),
    },
    append: {
      bare: toShape({ kind: null, payload: { metadata } }),
      full: toShape({ kind: null, payload }),
    },
  };
}

interface Plan {
  readonly [key: string]: Plan | null;
}

function toShape(plan: Plan): Shape {
  const names = Object.keys(plan);
  const encoder = new TextEncoder();
  const keys = [...names, "__proto__"].map((name) => encoder.encode(name));
  const byLength: number[][] = [];
  keys.forEach(({ length }, index) => (byLength[length] ??= []).push(index));
  return {
    names,
    keys,
    byLength,
    inner: Object.values(plan).map((inner) => inner === null ? undefined : toShape(inner)),
  };
}
