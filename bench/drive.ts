/**
 * Drives load: wrk where it is installed, else autocannon.
 *
 * @module
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import autocannon from "autocannon";

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
  try {
    const script = path.join(directory, "load.lua");
    await writeFile(script, lua(load));
    const args = ["-t1", `-c${connections}`, "-d60s", "-s", script, `http://127.0.0.1:${port}${load.path}`];
    let stdout = await interrupted("wrk", args, seconds * 1000);
    // Where the machine is busy, wrk may be told to end before it listens to that: it says nothing then.
    for (let more = 2; stdout === "" && more <= 8; more *= 2) {
      stdout = await interrupted("wrk", args, more * seconds * 1000);
    }
    const [requests, micros, ...failures] = stdout.trim().split("\n").at(-1)!.split(" ").map(Number) as [
      number,
      number,
      ...number[],
    ];
    return { requests, seconds: micros / 1e6, failures: failures.reduce((sum, count) => sum + count, 0) };
  } finally {
    await rm(directory, { recursive: true });
  }
};

/** What a program prints that is asked to end after a time: wrk itself only counts whole seconds. */
function interrupted(file: string, args: readonly string[], afterMs: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "inherit"] });
    const timer = setTimeout(() => child.kill("SIGINT"), afterMs);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => void (output += chunk.toString()));
    child.once("error", reject);
    child.once("close", () => {
      clearTimeout(timer);
      resolve(output);
    });
  });
}

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
