/**
 * Drives load: wrk where it is installed, else autocannon.
 *
 * @module
 */
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import autocannon from "autocannon";

const run = promisify(execFile);

/** What is sent, over and over. */
export interface Load {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
}

/** What came of it. */
export interface Outcome {
  readonly requests: number;
  readonly seconds: number;
  /** Answers that were not 2xx, and connections that failed. */
  readonly failures: number;
}

/** Sends `load` to a port of this machine for some seconds over some connections. */
export type Drive = (port: number, load: Load, seconds: number, connections: number) => Promise<Outcome>;

/** The tool that there is, by name. */
export function tool(): { readonly name: string; readonly drive: Drive } {
  try {
    execFileSync("wrk", ["--version"], { stdio: "ignore" });
  } catch (error) {
    // It prints its version and fails; where there is none, nothing runs.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { name: "autocannon", drive: autocannonDrive };
  }
  return { name: "wrk", drive: wrkDrive };
}

const wrkDrive: Drive = async (port, load, seconds, connections) => {
  const directory = await mkdtemp(path.join(tmpdir(), "edgestamp-wrk-"));
  const script = path.join(directory, "load.lua");
  await writeFile(script, lua(load));
  const { stdout } = await run("wrk", [
    "-t1",
    `-c${connections}`,
    `-d${Math.max(1, Math.round(seconds))}s`,
    "-s",
    script,
    `http://127.0.0.1:${port}${load.path}`,
  ]);
  const [requests, micros, ...failures] = stdout.trim().split("\n").at(-1)!.split(" ").map(Number) as [
    number,
    number,
    ...number[],
  ];
  return { requests, seconds: micros / 1e6, failures: failures.reduce((sum, count) => sum + count, 0) };
};

function lua({ method, headers, body }: Load): string {
  // A long string of Lua's takes everything as it is but for its first line's end.
  const set = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = [==[${value}]==]`);
  return `wrk.method = "${method}"
${set.join("\n")}
${body === undefined ? "" : `wrk.body = [==[${body}]==]`}
done = function(summary)
  local e = summary.errors
  io.write(string.format("\\n%d %d %d %d %d %d %d\\n", summary.requests, summary.duration, e.connect, e.read, e.write, e.status, e.timeout))
end
`;
}

const autocannonDrive: Drive = async (port, { method, path, headers, body }, seconds, connections) => {
  const result = await autocannon({
    url: `http://127.0.0.1:${port}${path}`,
    method,
    headers,
    ...(body === undefined ? {} : { body }),
    connections,
    duration: seconds,
  });
  const { requests, duration, errors, non2xx } = result;
  return { requests: requests.total, seconds: duration, failures: errors + non2xx };
};
