/** The command as its users have it: from the packed package, in a project that has nothing but it and its dependencies. */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, symlink } from "node:fs/promises";
import path from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { pack, type Packed } from "../../tools/pack.ts";

const MODULES = path.join(import.meta.dirname, "../../node_modules");
const execute = promisify(execFile);

export interface Installation {
  readonly packed: Packed;
  /** Where projects are put. */
  readonly folder: string;
  /** A folder with the packed package among all others, to be linked as `node_modules`. */
  readonly modules: string;
  /** The command's file. */
  readonly main: string;
}

/** Packs the package, and lays it beside the modules of this one. */
export async function install(): Promise<Installation> {
  const packed = await pack();
  const folder = path.join(packed.folder, "projects");
  const modules = path.join(folder, "node_modules");
  const own = path.join(modules, "edgestamp");
  await mkdir(own, { recursive: true });
  for (const name of await readdir(MODULES)) {
    if (name !== "edgestamp") await symlink(path.join(MODULES, name), path.join(modules, name));
  }
  await execute("tar", ["-xzf", packed.tarball, "-C", own, "--strip-components=1"]);
  return { packed, folder, modules, main: path.join(own, "dist/cli/main.js") };
}

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export type Variables = Readonly<Record<string, string>>;

function environment(env: Variables): NodeJS.ProcessEnv {
  const { PATH = "", HOME = "" } = process.env;
  return {
    HOME,
    PATH: `${path.join(MODULES, ".bin")}${path.delimiter}${PATH}`,
    NO_COLOR: "1",
    CI: "1",
    ...env,
  } as unknown as NodeJS.ProcessEnv;
}

/** Runs a program to its end. */
export async function ran(cwd: string, [file, ...args]: readonly string[], env: Variables = {}): Promise<Ran> {
  const child = spawn(file!, args, { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => output.stdout += text);
  child.stderr.on("data", (text) => output.stderr += text);
  const [code] = await once(child, "close") as [number | null];
  return { code: code ?? -1, ...output };
}

export interface Started {
  /** What the program printed that fits: the match of its pattern. */
  readonly said: RegExpExecArray;
  /** Sends a signal, as a terminal does, to the program and all that it runs; gives the exit code, -1 after a signal that ended it. */
  stop(signal: NodeJS.Signals): Promise<number>;
}

/** Starts a program that keeps running, and waits until it has said what fits. Rejects with its output where it ends before. */
export async function started(
  cwd: string,
  [file, ...args]: readonly string[],
  pattern: RegExp,
  env: Variables = {},
): Promise<Started> {
  // In a group of its own: what runs a script may be killed before the script, which would then live on.
  const child = spawn(file!, args, { cwd, env: environment(env), stdio: ["ignore", "pipe", "pipe"], detached: true });
  const closed = once(child, "close") as Promise<[number | null]>;
  let output = "";
  const said = await new Promise<RegExpExecArray>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (text) => {
        output += text;
        const match = pattern.exec(output);
        if (match !== null) resolve(match);
      });
    }
    closed.then(() => reject(new Error(`${file} ${args.join(" ")} ended:\n${output}`)));
  });
  const stop = async (signal: NodeJS.Signals): Promise<number> => {
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, signal);
    return (await closed)[0] ?? -1;
  };
  return { said, stop };
}
