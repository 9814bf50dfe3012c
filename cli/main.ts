#!/usr/bin/env node
/**
 * The command line: `edgestamp <command>`.
 *
 * @module
 */
import process from "node:process";
import { readVersion } from "./package.ts";
import { type ExitCode, type Terminal, Unusable } from "./terminal.ts";

/** A command's module. It is loaded when the command is called. */
interface Command {
  readonly HELP: string;
  run(args: string[], terminal: Terminal): Promise<ExitCode>;
}

/** Every command: what it does, and where it is. */
const COMMANDS: Readonly<Record<string, readonly [summary: string, load: () => Promise<Command>]>> = {
  init: ["write a project for a platform into an empty folder", () => import("./init.ts")],
  dev: ["run a local Trigger.dev, the proxy and a page", () => import("./dev.ts")],
  start: ["run the proxy on Node, as the environment says", () => import("./start.ts")],
  doctor: ["attack a deployment and tell what holds", () => import("./doctor.ts")],
  keygen: ["print new keys for a seal", () => import("./keygen.ts")],
};

const USAGE = `Usage: edgestamp <command> [options]

${Object.entries(COMMANDS).map(([name, [summary]]) => `  ${name.padEnd(10)}${summary}`).join("\n")}

edgestamp <command> --help tells more; edgestamp --version tells which one this is.`;

process.exitCode = await main(process.argv.slice(2), process);

async function main([name, ...args]: string[], terminal: Terminal): Promise<ExitCode> {
  const { stdout, stderr } = terminal;
  if (name === undefined || name === "--help" || name === "-h") return say(USAGE);
  if (asks(["--version", "-v"], [name])) return say(readVersion());
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return fail(`There is no command ${JSON.stringify(name)}\n\n${USAGE}`);
  if (asks(["--version", "-v"], args)) return say(readVersion());
  const { HELP, run } = await command[1]();
  if (asks(["--help", "-h"], args)) return say(HELP);
  try {
    return await run(args, terminal);
  } catch (error) {
    if (isArguments(error)) return fail(`${error.message}\nedgestamp ${name} --help tells what there is`);
    if (isForUser(error)) return fail(error.message);
    throw error;
  }

  function say(text: string): ExitCode {
    stdout.write(`${text}\n`);
    return 0;
  }

  function fail(message: string): ExitCode {
    stderr.write(`${message}\n`);
    return 2;
  }
}

/** Those of `parseArgs` say in one line what is wrong, and not always what to do. */
function isArguments(error: unknown): error is Error {
  return error instanceof TypeError && ((error as NodeJS.ErrnoException).code ?? "").startsWith("ERR_PARSE_ARGS");
}

/** Ours, and those of keys that cannot be used, say in one line what to do. */
function isForUser(error: unknown): error is Error {
  return error instanceof Unusable || (error instanceof TypeError && error.message.startsWith("Cannot "));
}

function asks(flags: readonly string[], args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).some((arg) => flags.includes(arg));
}
