/** Runs the proxy of the page in this process, on Node's server. */

import { serve } from "../adapters/node.ts";
import { createEdgeProxy, type EdgeProxyOptions } from "./edge_proxy.ts";

export interface EdgeOptions extends EdgeProxyOptions {
  /** 0 for any free one. */
  readonly port: number;
}

/** A proxy that listens. */
export interface Edge {
  readonly url: string;
  /** Resolves with its exit code when it has ended, for whatever reason. */
  readonly ended: Promise<number>;
  stop(): Promise<void>;
}

/** Rejects where it cannot listen. */
export async function startEdgeHere({ port, ...options }: EdgeOptions): Promise<Edge> {
  const { url, stop } = await serve(createEdgeProxy(options), { host: "127.0.0.1", port });
  let end!: (code: number) => void;
  const ended = new Promise<number>((resolve) => (end = resolve));
  return { url, ended, stop: () => stop(0).then(() => end(0)) };
}
