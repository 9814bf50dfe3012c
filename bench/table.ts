/**
 * Tables of rows: for a terminal, and in Markdown.
 *
 * @module
 */
import { type Runtime, RUNTIMES } from "./processes.ts";
import { isMet, type Row, type Target } from "./rows.ts";
import type { Figure } from "./stats.ts";

const NAMES: Readonly<Record<Runtime, string>> = { bun: "Bun", deno: "Deno", node: "Node", workerd: "workerd" };

/** The heads of a table of these rows. */
function headsOf(runtimes: readonly Runtime[]): string[] {
  return ["case", "measure", "target", ...runtimes.map((runtime) => NAMES[runtime])];
}

/** One line for each case and measure, one column for each runtime that has any figure. */
function linesOf(rows: readonly Row[], runtimes: readonly Runtime[]): string[][] {
  const groups = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.case}\0${row.measure}`;
    groups.set(key, [...groups.get(key) ?? [], row]);
  }
  return [...groups.values()].map((group) => {
    const { case: what, measure, unit } = group[0]!;
    const cells = runtimes.map((runtime) => {
      const row = group.find((one) => one.runtime === runtime);
      return row === undefined ? "" : cell(row);
    });
    return [what, unit === "×" ? measure : `${measure}, ${unit}`, targetName(group[0]!.target), ...cells];
  });
}

function cell(row: Row): string {
  return `${figureName(row.figure)}${isMet(row) ? "" : " ✗"}`;
}

function figureName({ median, low, high, runs }: Figure): string {
  return runs === 1 ? number(median) : `${number(median)} (${number(low)}–${number(high)})`;
}

function targetName(target: Target | undefined): string {
  if (target === undefined) return "";
  return "atLeast" in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}

/** Three digits that count, and no fraction of what is large. */
function number(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return value.toFixed(0);
  if (size >= 10) return value.toFixed(1);
  return size >= 0.095 || size === 0 ? value.toFixed(2) : value.toPrecision(2);
}

function seen(rows: readonly Row[]): Runtime[] {
  return RUNTIMES.filter((runtime) => rows.some((row) => row.runtime === runtime));
}

/** A table for a terminal: a figure is a median, and in brackets the least and the greatest run. */
export function plainTable(rows: readonly Row[]): string {
  const runtimes = seen(rows);
  const table = [headsOf(runtimes), ...linesOf(rows, runtimes)];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  return table.map((line) => line.map((text, column) => text.padEnd(widths[column]!)).join("  ").trimEnd()).join("\n");
}

/** The same in Markdown. */
export function markdownTable(rows: readonly Row[]): string {
  const runtimes = seen(rows);
  const heads = headsOf(runtimes);
  const rule = heads.map((_, column) => column < 3 ? "---" : "---:");
  return [heads, rule, ...linesOf(rows, runtimes)].map((line) => `| ${line.join(" | ")} |`).join("\n");
}
