/** The local upstream on a port, with agents and tasks behind it. */

import { serve } from "srvx/node";
import type { Observation } from "./observations.ts";
import { bundle } from "./bundle.ts";
import { openJournal } from "./file_journal.ts";
import { DEMO_PEERS, requirePeers, RUN_PEERS } from "./peers.ts";
import { createRunner, type Runner, WORKER } from "./runner.ts";
import { createUpstream, type Upstream, type UpstreamOptions } from "./upstream.ts";

/** What `startLocal` can be told. */
export interface LocalOptions extends Omit<UpstreamOptions, "runner" | "journal"> {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** The metadata key that the demo agent requires. */
  readonly namespace?: string;
  /**
   * A module that defines agents and tasks with the SDK, as an absolute URL: `new URL("./trigger.ts", import.meta.url)`.
   * Without one, there are the demo agent and the demo tasks.
   */
  readonly tasks?: URL;
  /** What agents and tasks find in `process.env`, beside what is there. */
  readonly env?: Readonly<Record<string, string>>;
  /** Builds the tasks before they are run, with `esbuild`: threads start in a third of the time. Default false. */
  readonly bundle?: boolean;
  /** The file in which everything is kept over restarts. Without one, everything is in memory. */
  readonly file?: string;
  /** Called with what the agent sees, as it sees it. */
  readonly onObservation?: (observation: Observation) => void;
  /** Wraps the handler, for whoever wants to see the requests. */
  readonly wrap?: (fetch: Upstream["fetch"]) => Upstream["fetch"];
}

/** Built, this package is JavaScript; from its sources, Node strips the types. */
const DEMO = new URL(import.meta.url.endsWith(".ts") ? "./demo.ts" : "./demo.js", import.meta.url);

/** A local Trigger.dev on a port. */
export interface Local extends Upstream {
  /** Where it listens, without a trailing slash. */
  readonly url: string;
  readonly runner: Runner;
  /** Ends every run, and stops listening. */
  close(): Promise<void>;
}

/** Rejects where a package is missing, the port is taken, or the file is in use. */
export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  const { secretKey = "tr_dev_local", namespace = "__cf", onObservation = () => {}, tasks = DEMO, file } = options;
  requirePeers("execute runs", RUN_PEERS);
  if (tasks === DEMO) requirePeers("run the demo's agent and tasks", DEMO_PEERS);
  if (options.bundle === true) requirePeers("bundle tasks", ["esbuild"]);
  const journal = file === undefined ? undefined : openJournal(file);
  const built = options.bundle === true ? await bundle(WORKER, tasks) : undefined;
  let url = "";
  const program = { tasks: (built?.tasks ?? tasks).href, worker: built?.worker ?? WORKER };
  const env = { ...process.env, ...options.env };
  const runner = createRunner({ secretKey, namespace, onObservation, env, ...program, apiUrl: () => url });
  const upstream = createUpstream({ ...options, secretKey, runner, ...(journal === undefined ? {} : { journal }) });
  const fetch = options.wrap === undefined ? upstream.fetch : options.wrap(upstream.fetch);
  const server = serve({
    fetch,
    port: options.port ?? 0,
    hostname: "127.0.0.1",
    silent: true,
    gracefulShutdown: false,
  });
  const close = async () => {
    await runner.close();
    await server.close(true);
    journal?.close();
    await built?.remove();
  };
  try {
    await server.ready();
  } catch (error) {
    // A port that is taken leaves no thread and no lock behind.
    await close();
    throw error;
  }
  url = (server.url ?? "").replace(/\/$/, "");
  upstream.recover();
  return { ...upstream, url, runner, close };
}
