/**
 * What the doctor prints.
 *
 * @module
 */
import { styleText } from "node:util";
import { readVersion } from "../package.ts";
import type { Output } from "../terminal.ts";
import { count, type Findings, type Judged } from "./run.ts";
import type { Result } from "./verdict.ts";

type Format = Parameters<typeof styleText>[0];

/** How each result is marked, worded and coloured. */
const LOOKS: Readonly<Record<Result, readonly [mark: string, words: string, format: Format]>> = {
  holds: ["✓", "holds", "green"],
  broken: ["✗", "does not hold", "red"],
  unknown: ["?", "could not be told", "yellow"],
};

const WORDS_WIDTH = Math.max(...Object.values(LOOKS).map(([, words]) => words.length));
/** Narrower, sentences are not broken into lines any more. */
const LEAST_WIDTH = 30;

/** Colours `text` where `output` is a terminal that is to have colours (`NO_COLOR`, `FORCE_COLOR`). */
function paint(output: Output, format: Format, text: string): string {
  return styleText(format, text, { stream: output as unknown as NodeJS.WriteStream });
}

/** The findings as one table, with a line before and after it. */
export function toTable(findings: Findings, output: Output): string {
  const nameWidth = Math.max(...findings.checks.map(({ name }) => name.length), 0);
  const indent = nameWidth + WORDS_WIDTH + 8;
  const rows = findings.checks.map(({ name, result, why }) => {
    const [mark, words, format] = LOOKS[result];
    const verdict = paint(output, format, `${mark} ${words.padEnd(WORDS_WIDTH)}`);
    return `  ${name.padEnd(nameWidth)}  ${verdict}  ${wrap(why, indent, output.columns)}`;
  });
  return `${paint(output, "bold", headOf(findings))}\n\n${rows.join("\n")}\n${signalsOf(findings)}\n${
    lastLine(findings)
  }\n`;
}

function headOf({ url, namespace, view }: Findings): string {
  const key = namespace === undefined ? "namespace unknown" : `namespace ${namespace}`;
  const how = view === "inside" ? "seen from both sides" : "seen from outside";
  return `edgestamp doctor ${readVersion()}: ${url}, ${key}, ${how}`;
}

/** What the edge said of the doctor, as it arrived. */
function signalsOf({ signals }: Findings): string {
  return signals === undefined ? "" : `\nIts own message was stamped with ${JSON.stringify(signals)}.\n`;
}

function lastLine(findings: Findings): string {
  const of = (result: Result, one: string, more = one): string => {
    const number = count(findings, result);
    return `${number} ${number === 1 ? one : more}`;
  };
  const cut = findings.isCut ? "; cut short" : "";
  return `${of("holds", "holds", "hold")}, ${of("broken", "does not hold", "do not hold")}, ${
    of("unknown", "could not be told")
  }${cut}`;
}

function wrap(text: string, indent: number, columns: number | undefined): string {
  const width = (columns ?? Infinity) - indent;
  if (width < LEAST_WIDTH || width >= text.length) return text;
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1)!;
    if (line === "" || line.length + 1 + word.length <= width) {
      lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
    } else lines.push(word);
  }
  return lines.join(`\n${" ".repeat(indent)}`);
}

/** The findings as JSON, for programs: `checks` of `{ name, result, why }`, `result` being `holds`, `broken` or `unknown`. */
export function toJson({ checks, ...rest }: Findings): string {
  const rows = checks.map(({ name, result, why }: Judged) => ({ name, result, why }));
  return `${JSON.stringify({ version: readVersion(), ...rest, checks: rows }, null, 2)}\n`;
}

/** Says on a terminal which check is under way, in one line that is written anew. */
export function progressOn(output: Output): { step(name: string, number: number, of: number): void; clear(): void } {
  if (output.isTTY !== true) return { step: () => {}, clear: () => {} };
  const wipe = "\r\u001b[K";
  return {
    step: (name, number, of) => void output.write(`${wipe}${number}/${of} ${name} …`),
    clear: () => void output.write(wipe),
  };
}
