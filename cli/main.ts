#!/usr/bin/env node
/**
 * The command line: `edgestamp <command>`.
 *
 * @module
 */
import process from "node:process";
import { keygen } from "./keygen.ts";

/** Every command: its name, what it does, and what runs it. It gives what is printed. */
const COMMANDS: Readonly<Record<string, readonly [summary: string, run: (args: string[]) => Promise<string>]>> = {
  keygen: ["print new keys for a seal", keygen],
};

const USAGE = `Usage: edgestamp <command> [options]

${Object.entries(COMMANDS).map(([name, [summary]]) => `  ${name.padEnd(10)}${summary}`).join("\n")}

edgestamp <command> --help tells more.`;

const [name = "--help", ...args] = process.argv.slice(2);
const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
if (command !== undefined) {
  try {
    process.stdout.write(`${await command[1](args)}\n`);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    fail(error.message);
  }
} else if (name === "--help" || name === "-h") {
  process.stdout.write(`${USAGE}\n`);
} else {
  fail(`There is no command ${JSON.stringify(name)}\n\n${USAGE}`);
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`);
  process.exitCode = 2;
}
