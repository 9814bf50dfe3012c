/** A deployment to examine, and the doctor as a function: what it printed, and what it ended with. */
import { Writable } from "node:stream";
import type { ServerRequest } from "srvx";
import { serve } from "srvx/node";
import { run } from "../../cli/doctor.ts";
import { keygen } from "../../cli/keygen.ts";
import { createUpstream, type Upstream, type UpstreamOptions } from "../../dev/upstream.ts";

export const SECRET_KEY = "tr_dev_seen_by_nobody";
export const PAGE = "https://app.example.com";

/** The local Trigger.dev on a port. It executes nothing. */
export interface Behind extends Upstream {
  readonly url: string;
  close(): Promise<void>;
}

export async function startBehind(options: UpstreamOptions = {}): Promise<Behind> {
  const upstream = createUpstream({ secretKey: SECRET_KEY, ...options });
  const server = serve({
    fetch: (request) => upstream.fetch(asAddressed(request)),
    port: 0,
    hostname: "127.0.0.1",
    silent: true,
    gracefulShutdown: false,
  });
  await server.ready();
  return { ...upstream, url: server.url!.replace(/\/$/, ""), close: async () => void await server.close(true) };
}

/** The request as the real server reads it, which builds its URL of the Host header, whatever that is. */
function asAddressed(request: ServerRequest): Request {
  const { url = "", headers: { host = "" } } = request.runtime!.node!.req;
  const { method, headers, body, signal } = request;
  if (!host.includes("/")) return request;
  const init = { method, headers, signal, ...(method === "GET" ? {} : { body, duplex: "half" }) };
  return new Request(`http://${host}${url}`, init as RequestInit);
}

/** One key for a seal, and its public half, as `edgestamp keygen` prints them. */
export async function sealKeys(...args: string[]): Promise<{ readonly key: string; readonly agent: string }> {
  const lines = await keygen(args);
  const valueOf = (name: RegExp): string => name.exec(lines)![1]!;
  return { key: valueOf(/^EDGE_SEAL_KEY=(.+)$/m), agent: valueOf(/^EDGE_SEAL_(?:PUBLIC|SECRET)_KEYS=(.+)$/m) };
}

/** What the doctor found. */
export interface Examined {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The names of the checks by their results, where it was asked for JSON. */
  readonly broken: readonly string[];
  readonly unknown: readonly string[];
  readonly holding: readonly string[];
  /** What it says of one check. */
  why(name: string): string;
}

/** Runs the doctor, with `--json` unless `args` hold `--table`. */
export async function doctor(args: readonly string[], env: Record<string, string> = {}): Promise<Examined> {
  const asTable = args.includes("--table");
  const stdout = keeping();
  const stderr = keeping();
  const given = asTable ? args.filter((arg) => arg !== "--table") : [...args, "--json"];
  const code = await run(given, { stdout: stdout.stream, stderr: stderr.stream, env });
  const checks = asTable ? [] : (JSON.parse(stdout.text()) as { checks: Row[] }).checks;
  const names = (wanted: string): string[] => checks.filter(({ result }) => result === wanted).map(({ name }) => name);
  return {
    code,
    stdout: stdout.text(),
    stderr: stderr.text(),
    broken: names("broken"),
    unknown: names("unknown"),
    holding: names("holds"),
    why: (name) => checks.find((check) => check.name === name)?.why ?? "",
  };
}

/** The doctor with everything that it can be given. */
export function doctorInside(proxy: string, behind: Behind, ...more: string[]): Promise<Examined> {
  return doctor([proxy, "--upstream", behind.url, "--origin", PAGE, ...more], { TRIGGER_SECRET_KEY: SECRET_KEY });
}

interface Row {
  readonly name: string;
  readonly result: string;
  readonly why: string;
}

/** A stream that keeps what is written to it; `isTTY` makes a terminal of it. */
export function keeping(isTTY = false): { readonly stream: Writable & { isTTY?: boolean }; text(): string } {
  let text = "";
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += String(chunk);
      done();
    },
  });
  return { stream: isTTY ? Object.assign(stream, { isTTY }) : stream, text: () => text };
}
