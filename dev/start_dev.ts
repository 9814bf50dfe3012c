/** Everything on one machine, for whoever installed the package: a local Trigger.dev, the proxy before it, a page to chat on. */

import { existsSync } from "node:fs";
import type { PageFiles } from "./page/files.ts";
import type { OwnAgent } from "./page/playground.ts";
import type { SealKind } from "./page/seal_keys.ts";
import { DEMO_PEERS, requireNode, requirePeers, RUN_PEERS } from "./peers.ts";
import type { RecordedRequest } from "./record.ts";
import type { Local } from "./serve.ts";

/** What `startDev` can be told. */
export interface DevOptions {
  /** The metadata key that is stamped. Default `__cf`. */
  readonly namespace?: string;
  /**
   * How the proxy seals its stamps, with keys that are new for each start. Agents find theirs in `EDGE_SEAL_PUBLIC_KEYS` or
   * `EDGE_SEAL_SECRET_KEYS`. Default `none`.
   */
  readonly seal?: SealKind;
  /** Where each listens, on 127.0.0.1. Default 0, any free one. */
  readonly ports?: { readonly page?: number; readonly proxy?: number; readonly upstream?: number };
  /** An agent of your own. Without one, it is the demo's. */
  readonly agent?: OwnAgent;
  /** The file in which sessions and runs are kept over restarts. Without one, they are in memory. */
  readonly file?: string;
}

/** What `startDev` started. */
export interface Dev {
  readonly pageUrl: string;
  readonly proxyUrl: string;
  /** The local Trigger.dev: `local.url`, `local.environment.secretKey`. */
  readonly local: Local;
  /** Every request that reached it, in order, without their tokens. */
  readonly reached: readonly RecordedRequest[];
  close(): Promise<void>;
}

/** Starts all three. Rejects where a package is missing or a port is taken; then nothing keeps running. */
export async function startDev(options: DevOptions = {}): Promise<Dev> {
  const { namespace = "__cf", seal = "none", ports: { page = 0, proxy = 0, upstream = 0 } = {}, ...rest } = options;
  requireNode("execute chats");
  requirePeers("start the page", [...RUN_PEERS, ...DEMO_PEERS]);
  // They load the SDK, which whoever only wants `createUpstream` may not have.
  const { startPlayground } = await import("./page/playground.ts");
  const { startEdgeHere } = await import("./edge_here.ts");
  return await startPlayground({
    ...rest,
    namespace,
    seal,
    ports: { page, proxy, upstream },
    findPage,
    startEdge: startEdgeHere,
  });
}

/** The page as the package carries it. */
function findPage(): Promise<PageFiles> {
  const dir = new URL("./page/built/", import.meta.url);
  if (!existsSync(dir)) return Promise.reject(new Error("Cannot show the page: it is not built; use the npm package"));
  return Promise.resolve({ dir, isNew: false });
}
