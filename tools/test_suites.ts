/**
 * Every suite there is: types, unit tests and conformance on four runtimes, and each test file in any
 * other folder under tests/.
 */
import { globSync } from "node:fs";
import path from "node:path";
import { readBun, readDeno, type Reader, readNode, readNothing, readPlain } from "./test_output.ts";

/** A command, and how to read what it prints. */
export interface Suite {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly read: Reader;
}

const NODE_TEST = ["node", "--test", "--test-reporter=spec", "--test-concurrency=1"] as const;

/** These have suites of their own below. */
const LISTED: ReadonlySet<string> = new Set(["unit", "conformance"]);

/** The suites of the tree at `root`: first those that may take long, so that the last do not wait for one. */
export function suitesOf(root: string): Suite[] {
  const files = globSync("tests/**/*.test.ts", { cwd: root }).sort();
  const others = files.filter((file) => !LISTED.has(file.split(path.sep)[1]!));
  return [
    ...others.map((file): Suite => ({
      name: file.slice("tests/".length, -".test.ts".length),
      command: [...NODE_TEST, file],
      read: readNode,
    })),
    ...["node", "workerd", "deno", "bun"].map((runtime): Suite => ({
      name: `conformance on ${runtime}`,
      command: [...NODE_TEST, `tests/conformance/${runtime}.test.ts`],
      read: readNode,
    })),
    { name: "unit on node", command: [...NODE_TEST, "tests/unit/**/*.test.ts"], read: readNode },
    { name: "unit on deno", command: ["deno", "test", "-A", "--no-check", "tests/unit"], read: readDeno },
    { name: "unit on bun", command: ["bun", "test", "--timeout", "60000", "tests/unit"], read: readBun },
    { name: "unit on workerd", command: ["node", "tools/workerd/run_unit.ts"], read: readPlain },
    { name: "types of src", command: ["tsc", "-p", "tsconfig.src.json"], read: readNothing },
    { name: "types of everything", command: ["tsc", "-p", "tsconfig.json"], read: readNothing },
    { name: "format", command: ["deno", "fmt", "--check"], read: readNothing },
    { name: "lint", command: ["npm", "run", "lint"], read: readNothing },
    { name: "dead exports", command: ["npm", "run", "check:dead"], read: readNothing },
    { name: "JSR's dry run", command: ["npm", "run", "check:jsr"], read: readNothing },
    { name: "types by deno", command: ["deno", "check", "mod.ts"], read: readNothing },
  ];
}
