// deno-lint-ignore-file no-console -- it speaks to whoever releases
/**
 * What has to be so before a version is published, without publishing it: `npm run release:check -- v1.2.3`.
 * Without a tag it looks at what the next release would be. `--out <folder>` keeps the tarball.
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { npm, pack } from "./pack.ts";

const ROOT = path.join(import.meta.dirname, "..");
const VERSION_TAG = /^v(\d+\.\d+\.\d+(?:-[\w.]+)?)$/;

/** What a release is made of. */
export interface Candidate {
  /** `undefined` before there is one. */
  readonly tag: string | undefined;
  readonly npmVersion: string;
  readonly jsrVersion: string;
  readonly changelog: string;
  /** What the version control says of files that differ; empty for a clean tree. */
  readonly changes: string;
}

/** Why a version cannot be published, one sentence each. */
export function problemsOf({ tag, npmVersion, jsrVersion, changelog, changes }: Candidate): string[] {
  const heads = [...changelog.matchAll(/^## (.+)$/gm)].map(([, head]) => head!);
  const dated = heads.some((head) => /^(\S+) \(\d{4}-\d\d-\d\d\)$/.exec(head)?.[1] === npmVersion);
  return [
    ...(npmVersion === jsrVersion
      ? []
      : [`package.json says ${npmVersion} and deno.json ${jsrVersion}: write the same`]),
    ...(tag === undefined || VERSION_TAG.exec(tag)?.[1] === npmVersion
      ? []
      : [`the tag ${tag} is not v${npmVersion}: tag the commit that has the version`]),
    ...(tag === undefined
      ? dated || heads.includes("Unreleased") ? [] : ['CHANGELOG.md has no "## Unreleased": say what changed']
      : dated
      ? []
      : [`CHANGELOG.md has no "## ${npmVersion} (YYYY-MM-DD)": date what is unreleased`]),
    ...(tag === undefined || changes === "" ? [] : [`the tree has changes: commit them\n${changes}`]),
  ];
}

function readCandidate(tag: string | undefined): Candidate {
  const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");
  const versionOf = (file: string): string => (JSON.parse(read(file)) as { version: string }).version;
  return {
    tag,
    npmVersion: versionOf("package.json"),
    jsrVersion: versionOf("deno.json"),
    changelog: read("CHANGELOG.md"),
    changes: tag === undefined ? "" : execFileSync("git", ["status", "--porcelain"], { cwd: ROOT, encoding: "utf8" }),
  };
}

/** Packs, and lets both registries' clients go all the way but for the last step. */
async function rehearse(out: string | undefined): Promise<void> {
  const packed = await pack();
  try {
    await npm(packed.folder, ["stage", "publish", packed.tarball, "--dry-run", "--access", "public"]);
    console.log(`npm: ${path.basename(packed.tarball)}, ${packed.files.length} files, ${packed.unpackedBytes} bytes`);
    if (out !== undefined) {
      mkdirSync(out, { recursive: true });
      cpSync(packed.tarball, path.join(out, path.basename(packed.tarball)));
    }
  } finally {
    await packed.remove();
  }
  execFileSync("deno", ["publish", "--dry-run", "--allow-dirty", "--quiet"], { cwd: ROOT, stdio: "inherit" });
  console.log("JSR: dry run complete");
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({ options: { out: { type: "string" } }, allowPositionals: true });
  const candidate = readCandidate(positionals[0]);
  const problems = problemsOf(candidate);
  for (const problem of problems) console.error(`Cannot release: ${problem}`);
  if (problems.length > 0) process.exit(1);
  await rehearse(values.out);
  console.log(`${candidate.tag ?? "the next release"} can be published as ${candidate.npmVersion}`);
}
