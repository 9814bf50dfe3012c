/**
 * Deep equality as Node's strict assertions have it: same prototypes, `Object.is` for primitives,
 * own enumerable members, and the contents of the collections that tests compare.
 */

/** Whether two values are deeply and strictly equal. */
export function isDeepStrictEqual(a: unknown, b: unknown): boolean {
  return same(a, b, []);
}

type Pairs = readonly (readonly [object, object])[];

function same(a: unknown, b: unknown, above: Pairs): boolean {
  if (Object.is(a, b)) return true;
  if (!isObject(a) || !isObject(b)) return false;
  if (Object.getPrototypeOf(a) !== Object.getPrototypeOf(b)) return false;
  // Two cycles that agree so far agree.
  if (above.some(([x, y]) => x === a && y === b)) return true;
  const within: Pairs = [...above, [a, b]];
  return sameContents(a, b, within) && sameMembers(a, b, within);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

function sameContents(a: object, b: object, above: Pairs): boolean {
  if (a instanceof Date) return a.getTime() === (b as Date).getTime();
  if (a instanceof RegExp) return String(a) === String(b);
  if (a instanceof Error) return a.name === (b as Error).name && a.message === (b as Error).message;
  if (a instanceof Map) {
    const other = b as Map<unknown, unknown>;
    return a.size === other.size &&
      [...a].every(([key, value]) => other.has(key) && same(value, other.get(key), above));
  }
  if (a instanceof Set) {
    const other = [...b as Set<unknown>];
    return a.size === other.length && [...a].every((value) => other.some((candidate) => same(value, candidate, above)));
  }
  if (a instanceof ArrayBuffer) return same(new Uint8Array(a), new Uint8Array(b as ArrayBuffer), above);
  if (Array.isArray(a)) return a.length === (b as unknown[]).length;
  if (a instanceof Number || a instanceof String || a instanceof Boolean) return Object.is(a.valueOf(), b.valueOf());
  return true;
}

function sameMembers(a: object, b: object, above: Pairs): boolean {
  const keys = membersOf(a);
  if (keys.length !== membersOf(b).length) return false;
  return keys.every((key) =>
    Object.prototype.propertyIsEnumerable.call(b, key) && same(Reflect.get(a, key), Reflect.get(b, key), above)
  );
}

function membersOf(value: object): PropertyKey[] {
  return Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
}
