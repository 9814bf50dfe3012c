/** npm and JSR publish one source: what package.json and deno.json say of it is the same. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";

const ROOT = path.join(import.meta.dirname, "../..");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly type: string;
  readonly sideEffects: boolean;
  readonly engines: Readonly<Record<string, string>>;
  readonly bin: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
  readonly files: readonly string[];
  readonly repository: { readonly url: string };
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface DenoManifest extends Pick<Manifest, "name" | "version" | "license"> {
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly publish: { readonly include: readonly string[] };
}

const read = <T>(file: string): T => JSON.parse(readFileSync(path.join(ROOT, file), "utf8")) as T;
const npm = read<Manifest>("package.json");
const jsr = read<DenoManifest>("deno.json");

/** What the build makes of a source. */
const built = (source: string, end: string): string => source.replace(/^\.\//, "./dist/").replace(/\.ts$/, end);

describe("package.json and deno.json", () => {
  test("have one version and one license", () => {
    assert.equal(npm.version, jsr.version);
    assert.equal(npm.license, jsr.license);
    assert.match(npm.version, /^\d+\.\d+\.\d+(?:-[\w.]+)?$/);
  });
  test("export the same, in the same order", () => {
    const ours = Object.keys(npm.exports).filter((key) => key !== "./package.json");
    assert.deepEqual(ours, Object.keys(jsr.exports));
    assert.equal(npm.exports["./package.json"], "./package.json");
  });
  for (const [key, source] of Object.entries(jsr.exports)) {
    test(`${key} is one file on both`, () => {
      assert.ok(existsSync(path.join(ROOT, source)), `${source} is not there`);
      // No condition but these: one neutral build serves every runtime.
      assert.deepEqual(npm.exports[key], { types: built(source, ".d.ts"), default: built(source, ".js") });
      // A subpath is called as its file is, or as the folder whose front door it is.
      const name = source.replace(/(?:^\.\/|\/)mod\.ts$/, "").replace(/\.ts$/, "").replaceAll("_", "-");
      assert.equal(key === "." ? "" : key.slice(2), name.split("/").at(-1));
    });
  }
  test("ask for the same libraries, in the same ranges", () => {
    const ours = { ...npm.dependencies, ...npm.peerDependencies };
    const named = new Set<string>();
    for (const [name, target] of Object.entries(jsr.imports)) {
      const [, library, range, subpath = ""] = /^npm:((?:@[^/]+\/)?[^@/]+)@([^/]+)(\/.+)?$/.exec(target) ?? [];
      assert.equal(name, `${library}${subpath}`, target);
      assert.equal(range, ours[library!], `${library}: ${range} in deno.json, ${ours[library!]} in package.json`);
      named.add(library!);
    }
    const missing = Object.keys(npm.dependencies).filter((name) => !named.has(name));
    assert.deepEqual(missing, [], "deno.json imports all that package.json depends on");
  });
});

describe("package.json", () => {
  test("describes an ES module without side effects, for the Node that the documents name", () => {
    assert.equal(npm.type, "module");
    assert.equal(npm.sideEffects, false);
    assert.deepEqual(npm.engines, { node: ">=22.12" });
    assert.ok(npm.description.length > 40 && npm.keywords.length >= 8);
    assert.equal(new Set(npm.keywords).size, npm.keywords.length);
    assert.match(npm.repository.url, /^git\+https:\/\/github\.com\/[\w-]+\/edgestamp\.git$/);
  });
  test("pins what is only for development, and asks for no exact version of what users install", () => {
    const loose = Object.entries(npm.devDependencies).filter(([, range]) => !/^\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(range));
    assert.deepEqual(loose, []);
    const tight = Object.entries(npm.dependencies).filter(([, range]) => !/^[\^~]\d+\.\d+\.\d+$/.test(range));
    assert.deepEqual(tight, []);
  });
  test("makes every peer optional: the proxy alone needs none", () => {
    for (const name of Object.keys(npm.peerDependencies)) {
      assert.equal(npm.peerDependenciesMeta[name]?.optional, true, name);
    }
  });
  test("names commands that the sources have", () => {
    for (const [name, file] of Object.entries(npm.bin)) {
      const source = path.join(ROOT, file.replace("./dist/", "").replace(/\.js$/, ".ts"));
      assert.match(readFileSync(source, "utf8"), /^#!\/usr\/bin\/env node\n/, name);
    }
  });
});

test("every file that JSR is told to publish is there", () => {
  for (const name of jsr.publish.include) assert.ok(existsSync(path.join(ROOT, name)), name);
});

test("the examples ask for this version", () => {
  const wrong = globSync("examples/*/package.json", { cwd: ROOT }).flatMap((file) => {
    const asked = read<Partial<Manifest>>(file).dependencies?.["edgestamp"];
    return asked === undefined || asked === npm.version ? [] : [`${file}: ${asked}`];
  });
  assert.deepEqual(wrong, []);
});

test("the changelog has this version, or what is not released yet", () => {
  const version = npm.version.replaceAll(".", "\\.");
  assert.match(
    readFileSync(path.join(ROOT, "CHANGELOG.md"), "utf8"),
    new RegExp(`^## (?:${version}|Unreleased)\\b`, "m"),
  );
});
