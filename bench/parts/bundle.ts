/**
 * The ready Worker's bundle and its cold start, over the reference's.
 *
 * @module
 */
import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import { gzipSync } from "node:zlib";
import { appendCase } from "../load.ts";
import type { Plan } from "../plan.ts";
import { configOf, ENVIRONMENT, ROOT, type Runtime, serveWorker, startProgram } from "../processes.ts";
import type { Row } from "../rows.ts";
import { figure, ratios } from "../stats.ts";

const run = promisify(execFile);

const WORKERS = {
  edgestamp: "adapters/cloudflare_worker.ts",
  sealed: "adapters/cloudflare_sealed.ts",
  reference: "bench/workers/reference.ts",
  empty: "bench/workers/empty.ts",
} as const;
type Name = keyof typeof WORKERS;

/** Bundles the Workers as they are deployed, and starts them over and over. Only workerd has Workers. */
export async function bundleRows(plan: Plan, runtime: Runtime): Promise<Row[]> {
  if (runtime !== "workerd") return [];
  const directory = await mkdtemp(path.join(tmpdir(), "edgestamp-bundle-"));
  try {
    const bundles = {} as Record<Name, Buffer>;
    for (const name of Object.keys(WORKERS) as Name[]) bundles[name] = await deployed(directory, name);
    return [...sizeRows(bundles), ...await startRows(plan, directory)];
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** What `wrangler deploy --minify` would upload. */
async function deployed(directory: string, name: Name): Promise<Buffer> {
  const args = ["deploy", WORKERS[name], "--dry-run", "--minify", "--outdir", path.join(directory, name)];
  await run("wrangler", args, { cwd: ROOT, env: { ...ENVIRONMENT, WRANGLER_SEND_METRICS: "false" } });
  return await readFile(path.join(directory, name, path.basename(WORKERS[name]).replace(".ts", ".js")));
}

function sizeRows(bundles: Record<Name, Buffer>): Row[] {
  const kib = (name: Name): number => gzipSync(bundles[name]).byteLength / 1024;
  const row = { runtime: "workerd" as const, measure: "minified, gzipped", unit: "KiB" as const };
  return [
    { ...row, case: "edgestamp/cloudflare", figure: figure([kib("edgestamp")]), target: { atMost: 12 } },
    { ...row, case: "edgestamp/cloudflare-sealed", figure: figure([kib("sealed")]) },
    { ...row, case: "the reference", figure: figure([kib("reference")]) },
  ];
}

const STARTED: readonly Name[] = ["edgestamp", "reference", "empty"];

/** Time from the start of workerd, with one Worker and nothing else, to the first append's answer. */
async function startRows({ runs }: Plan, directory: string): Promise<Row[]> {
  const sink = await startProgram("bun", "servers/sink.ts", {});
  const times: Record<string, number[]> = {};
  try {
    for (const name of STARTED) await prepare(directory, name, `http://127.0.0.1:${sink.port}`);
    for (let round = -1; round < 2 * runs; round++) {
      for (const name of STARTED) {
        const took = await start(path.join(directory, `${name}-started`));
        if (round >= 0) (times[name] ??= []).push(took);
      }
    }
  } finally {
    await sink.stop();
  }
  const [own, reference, empty] = STARTED.map((name) => times[name]!) as [number[], number[], number[]];
  const row = { case: "cold start and first append", runtime: "workerd" as const };
  const over = (these: number[]): number[] => these.map((took, i) => took - empty[i]!);
  return [
    { ...row, measure: "edgestamp ÷ reference", unit: "×", figure: ratios(own, reference) },
    { ...row, measure: "edgestamp, over a Worker that does nothing", unit: "ms", figure: figure(over(own)) },
    { ...row, measure: "the reference, over a Worker that does nothing", unit: "ms", figure: figure(over(reference)) },
    { ...row, measure: "a Worker that does nothing", unit: "ms", figure: figure(empty) },
  ];
}

async function prepare(directory: string, name: Name, upstream: string): Promise<void> {
  const target = path.join(directory, `${name}-started`);
  await mkdir(target);
  const file = path.basename(WORKERS[name]).replace(".ts", ".js");
  await cp(path.join(directory, name, file), path.join(target, "worker.js"));
  await writeFile(path.join(target, "config.capnp"), configOf("TRIGGER_API_UPSTREAM", upstream));
}

async function start(directory: string): Promise<number> {
  const { load } = appendCase("text", 300);
  const { server, began } = await serveWorker(directory);
  try {
    const { method, headers, body } = load;
    const response = await fetch(`http://127.0.0.1:${server.port}${load.path}`, { method, headers, body: body! });
    await response.text();
    const took = performance.now() - began;
    if (!response.ok) throw new Error(`A Worker answered ${response.status} to its first append: mend that first`);
    return took;
  } finally {
    await server.stop();
  }
}
