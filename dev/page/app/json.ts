/** JSON as people read it, and what differs between two of it. */

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** One line: what it says, how deep it stands, and whether it went or came. */
export interface Line {
  readonly sign: " " | "-" | "+";
  readonly depth: number;
  readonly text: string;
}

export function parseJson(text: string | null | undefined): Json | undefined {
  try {
    return JSON.parse(text ?? "") as Json;
  } catch {
    return undefined;
  }
}

/** The value at a path of keys; `undefined` where there is none. */
export function at(json: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((value, key) => (isObject(value) ? value[key] : undefined), json);
}

/** Proofs are long, and say nothing to people. */
const SHOWN_CHARACTERS = 80;

function brief(json: Json): string {
  if (typeof json !== "string" || json.length <= SHOWN_CHARACTERS) return JSON.stringify(json);
  return `${JSON.stringify(json.slice(0, SHOWN_CHARACTERS / 4))}… (${json.length} characters)`;
}

/** All lines of a value. */
export function lines(json: Json, sign: Line["sign"] = " ", depth = 0, key?: string): Line[] {
  const label = key === undefined ? "" : `${JSON.stringify(key)}: `;
  const entries = Array.isArray(json)
    ? json.map((one) => [undefined, one] as const)
    : isObject(json)
    ? Object.entries(json)
    : undefined;
  if (entries === undefined) return [{ sign, depth, text: label + brief(json) }];
  const [open, close] = Array.isArray(json) ? "[]" : "{}";
  if (entries.length === 0) return [{ sign, depth, text: `${label}${open}${close}` }];
  return [
    { sign, depth, text: label + open },
    ...entries.flatMap(([name, one]) => lines(one, sign, depth + 1, name)),
    { sign, depth, text: close! },
  ];
}

/** What differs, with the keys on the way to it; what is the same is counted. */
export function diff(before: Json | undefined, after: Json | undefined, depth = 0, key?: string): Line[] {
  if (before === undefined) return after === undefined ? [] : lines(after, "+", depth, key);
  if (after === undefined) return lines(before, "-", depth, key);
  if (same(before, after)) return [];
  if (!isObject(before) || !isObject(after)) {
    return [...lines(before, "-", depth, key), ...lines(after, "+", depth, key)];
  }
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changed = names.filter((name) => !same(before[name], after[name]));
  const kept = names.length - changed.length;
  return [
    { sign: " ", depth, text: `${key === undefined ? "" : `${JSON.stringify(key)}: `}{` },
    ...(kept === 0
      ? []
      : [{ sign: " ", depth: depth + 1, text: `… ${kept} ${kept === 1 ? "key" : "keys"} as sent` } as const]),
    // Side by side where a value was exchanged: all that went, then all that came.
    ...changed.flatMap((name) => diff(before[name], after[name], depth + 1, name)),
    { sign: " ", depth, text: "}" },
  ];
}

/** How many bytes at both ends of a text another one has in common with it. */
export function commonBytes(before: string, after: string): number {
  const [one, two] = [before, after].map((text) => new TextEncoder().encode(text)) as [Uint8Array, Uint8Array];
  const most = Math.min(one.length, two.length);
  let head = 0;
  while (head < most && one[head] === two[head]) head++;
  let tail = 0;
  while (tail < most - head && one[one.length - 1 - tail] === two[two.length - 1 - tail]) tail++;
  return head + tail;
}

function isObject(json: Json | undefined): json is { [key: string]: Json } {
  return typeof json === "object" && json !== null && !Array.isArray(json);
}

function same(one: Json | undefined, two: Json | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(two);
}
