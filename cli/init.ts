/**
 * `edgestamp init`: writes a project for one platform into an empty folder.
 *
 * @module
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { TEMPLATES } from "./init/templates.ts";
import { refuseOccupied, writeTemplate } from "./init/write.ts";
import { type ExitCode, type Terminal, Unusable } from "./terminal.ts";

const NAMES = Object.keys(TEMPLATES);
const WIDTH = Math.max(...NAMES.map((name) => name.length)) + 2;

/** What the command does, for `edgestamp init --help`. */
export const HELP = `Usage: edgestamp init <platform> [--dir <folder>]

Writes a project that deploys the proxy on a platform, into the folder you are in or another empty one.

${Object.entries(TEMPLATES).map(([name, { summary }]) => `  ${name.padEnd(WIDTH)}${summary}`).join("\n")}

  --dir <folder>   where to write; it is made where there is none`;

/** Runs the command. Throws `Unusable`, or a `TypeError` of one line, for what cannot be used. */
export async function run(args: string[], { stdout }: Terminal): Promise<ExitCode> {
  const { values, positionals: [platform, ...more] } = parseArgs({
    args,
    options: { dir: { type: "string", default: "." } },
    allowPositionals: true,
  });
  if (platform === undefined || more.length > 0) {
    throw new Unusable(`Cannot tell which platform: give one of ${NAMES.join(", ")}`);
  }
  const template = Object.hasOwn(TEMPLATES, platform) ? TEMPLATES[platform] : undefined;
  if (template === undefined) {
    throw new Unusable(`There is no template for ${JSON.stringify(platform)}: give one of ${NAMES.join(", ")}`);
  }
  const folder = path.resolve(values.dir);
  await refuseOccupied(folder);
  const files = await writeTemplate(template.folders, folder);
  const inFolder = folder === process.cwd() ? "" : `cd ${quoted(path.relative(process.cwd(), folder))} && `;
  const next = `${inFolder}${template.next.join("\n  ")}`;
  stdout.write(`Wrote ${files.length} files: ${files.join(", ")}\n\nREADME.md says all. Next:\n\n  ${next}\n`);
  return 0;
}

/** A path as a shell takes it. */
function quoted(text: string): string {
  return /^[\w./@+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
