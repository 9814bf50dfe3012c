/**
 * Who imports whom, read from the sources. The formatter has one way to write an import, so that an
 * expression finds them all; a type is imported as much as a value is.
 *
 * @module
 */
import { globSync, readFileSync } from "node:fs";
import path from "node:path";

/** One import: what is named, and whether only types come of it. */
export interface Import {
  readonly to: string;
  readonly typesOnly: boolean;
}

/** Each file, by its path from the root, with what it imports: files by their paths, packages by their names. */
export type ModuleGraph = ReadonlyMap<string, readonly Import[]>;

const STATEMENT = /^(?:import|export)\s+(type\s)?(?:[\w*{},\s]*?\sfrom\s+)?"([^"]+)"/gm;
const CALL = /\bimport\(\s*"([^"]+)"/g;
const COMMENT = /\/\*[^]*?\*\/|^\s*\/\/.*$/gm;

/** What the text of `file` imports. */
export function importsOf(file: string, text: string): Import[] {
  const code = text.replace(COMMENT, "");
  const resolve = (name: string): string =>
    name.startsWith(".") ? path.posix.normalize(path.posix.join(path.posix.dirname(file), name)) : name;
  return [
    ...[...code.matchAll(STATEMENT)].map(([, type, name]) => ({ to: resolve(name!), typesOnly: type !== undefined })),
    ...[...code.matchAll(CALL)].map(([, name]) => ({ to: resolve(name!), typesOnly: false })),
  ];
}

/** Reads the graph of all files that a pattern names. */
export function readGraph(root: string, pattern: string): ModuleGraph {
  const files = globSync(pattern, { cwd: root }).map((file) => file.split(path.sep).join("/")).sort();
  return new Map(files.map((file) => [file, importsOf(file, readFileSync(path.join(root, file), "utf8"))]));
}

/** Every ring of imports, as the files that one passes on the way round. Each is told once. */
export function cyclesOf(graph: ModuleGraph, counts: (step: Import) => boolean = () => true): string[][] {
  const done = new Set<string>();
  const way: string[] = [];
  const cycles: string[][] = [];
  const visit = (file: string): void => {
    if (way.includes(file)) cycles.push([...way.slice(way.indexOf(file)), file]);
    if (done.has(file) || !graph.has(file)) return;
    done.add(file);
    way.push(file);
    for (const step of graph.get(file)!.filter(counts)) visit(step.to);
    way.pop();
  };
  for (const file of graph.keys()) visit(file);
  return cycles;
}
