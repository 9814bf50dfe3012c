/** How the API says how long: `"30s"`, `"10m"`, `"2h"`, `"3d"`, `"4w"`, or several in a row; dates as ISO 8601. */

const UNITS_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** Milliseconds; `undefined` where it is no duration. Words are taken by their first letter: `hr`, `hours`. */
export function durationMs(text: string): number | undefined {
  if (!/^(?:\s*\d+\s*[smhdw][a-z]*\s*)+$/i.test(text)) return undefined;
  let total = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+)\s*([smhdw])[a-z]*/gi)) {
    total += Number(amount) * (UNITS_MS[unit.toLowerCase()] ?? 0);
  }
  return total;
}

/** The date that a delay, a timeout or a lifetime ends on; `undefined` where it is neither a duration nor a date. */
export function endOf(delay: string, now: Date): Date | undefined {
  const ms = durationMs(delay);
  if (ms !== undefined) return new Date(now.getTime() + ms);
  return Number.isNaN(Date.parse(delay)) ? undefined : new Date(delay);
}
