/** A run's metadata, and the changes that a task sends of it: several at a time, in order. */

import * as v from "valibot";

export type Metadata = Readonly<Record<string, unknown>>;

/** One change. A `key` is a name, or a path that begins with `$.`. */
export type Operation =
  | { type: "set" | "append" | "remove"; key: string; value?: unknown }
  | { type: "increment"; key: string; value: number }
  | { type: "delete"; key: string }
  | { type: "update"; value: Record<string, unknown> };

export interface MetadataBody {
  metadata?: Record<string, unknown> | undefined;
  operations?: Operation[] | undefined;
  parentOperations?: Operation[] | undefined;
  rootOperations?: Operation[] | undefined;
}

const keyed = { key: v.string(), value: v.unknown() };
const operation = v.variant("type", [
  v.object({ type: v.literal("set"), ...keyed }),
  v.object({ type: v.literal("append"), ...keyed }),
  v.object({ type: v.literal("remove"), ...keyed }),
  v.object({ type: v.literal("increment"), key: v.string(), value: v.number() }),
  v.object({ type: v.literal("delete"), key: v.string() }),
  v.object({ type: v.literal("update"), value: v.record(v.string(), v.unknown()) }),
]);
const operations = v.optional(v.array(operation));

export const metadataSchema: v.GenericSchema<unknown, MetadataBody> = v.object({
  metadata: v.optional(v.record(v.string(), v.unknown())),
  operations,
  parentOperations: operations,
  rootOperations: operations,
});

/** Applies changes one after the other. What cannot be applied changes nothing. */
export function applyOperations(metadata: Metadata, changes: readonly Operation[]): Metadata {
  return changes.reduce<Metadata>(apply, metadata);
}

function apply(metadata: Metadata, change: Operation): Metadata {
  if (change.type === "update") return change.value;
  const path = pathOf(change.key);
  if (path === undefined) return metadata;
  if (change.type === "delete") {
    const { [change.key]: _deleted, ...rest } = metadata;
    return rest;
  }
  const present = path.reduce<unknown>((inner, name) => (isObject(inner) ? inner[name] : undefined), metadata);
  const next = changed(present, change);
  return next === present ? metadata : (put(metadata, path, next) as Metadata);
}

function changed(present: unknown, change: Exclude<Operation, { type: "update" | "delete" }>): unknown {
  switch (change.type) {
    case "set":
      return change.value;
    case "increment":
      return (typeof present === "number" ? present : 0) + change.value;
    case "append":
      if (present === undefined) return [change.value];
      return Array.isArray(present) ? [...present, change.value] : [present, change.value];
    case "remove":
      return Array.isArray(present)
        ? present.filter((item) => JSON.stringify(item) !== JSON.stringify(change.value))
        : present;
  }
}

/** A key is a name, or a path that begins with `$.`: `$.user.items[0]`. */
function pathOf(key: string): readonly string[] | undefined {
  const path = key.startsWith("$.") ? key.slice(2).split(/[.[\]]+/).filter((name) => name !== "") : [key];
  return path.length === 0 || path.some((name) => name === "__proto__" || name === "*") ? undefined : path;
}

function put(inner: unknown, [name, ...rest]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(inner)) return inner.with(Number(name), put(inner[Number(name)], rest, value));
  const object = isObject(inner) ? inner : {};
  return { ...object, [name]: put(object[name], rest, value) };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
