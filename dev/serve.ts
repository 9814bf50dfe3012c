/** The local upstream on a port, with the demo agent behind it. */

import { serve } from "srvx/node";
import type { Observation } from "./observations.ts";
import { createRunner, type Runner } from "./runner.ts";
import { createUpstream, type Upstream, type UpstreamOptions } from "./upstream.ts";

export interface LocalOptions extends Omit<UpstreamOptions, "runner"> {
  /** 0, the default, takes any free port. */
  readonly port?: number;
  /** The metadata key that the agent requires. */
  readonly namespace?: string;
  /** Called with what the agent sees, as it sees it. */
  readonly onObservation?: (observation: Observation) => void;
  /** Wraps the handler, for whoever wants to see the requests. */
  readonly wrap?: (fetch: Upstream["fetch"]) => Upstream["fetch"];
}

export interface Local extends Upstream {
  /** Where it listens, without a trailing slash. */
  readonly url: string;
  readonly runner: Runner;
  /** Ends every run, and stops listening. */
  close(): Promise<void>;
}

export async function startLocal(options: LocalOptions = {}): Promise<Local> {
  const secretKey = options.secretKey ?? "tr_dev_local";
  let url = "";
  const { namespace = "__cf", onObservation = () => {} } = options;
  const runner = createRunner({ secretKey, namespace, onObservation, apiUrl: () => url });
  const upstream = createUpstream({ ...options, secretKey, runner });
  const fetch = options.wrap === undefined ? upstream.fetch : options.wrap(upstream.fetch);
  const server = serve({ fetch, port: options.port ?? 0, hostname: "127.0.0.1", silent: true, gracefulShutdown: false });
  await server.ready();
  url = (server.url ?? "").replace(/\/$/, "");
  const close = async () => {
    await runner.close();
    await server.close(true);
  };
  return { ...upstream, url, runner, close };
}
