/** Everything that the page needs, on three ports: a local Trigger.dev, the proxy before it, and the page. */

import { AGENT_ID } from "../agent.ts";
import { type Edge, startEdge } from "../edge_process.ts";
import { createInspector } from "../inspector.ts";
import type { PageConfig } from "../inspector_facts.ts";
import { toFact, watchUpstream } from "../inspector_watch.ts";
import { type RecordedRequest, recordRequests } from "../record.ts";
import { type Local, startLocal } from "../serve.ts";
import { makeSealKeys, type SealKind } from "./seal_keys.ts";
import { servePage } from "./server.ts";

export interface PlaygroundOptions {
  readonly namespace: string;
  /** How the proxy seals its stamps, and the agent checks them. Default `none`. */
  readonly seal?: SealKind;
  /** 0 for any free one. */
  readonly ports: { readonly page: number; readonly proxy: number; readonly upstream: number };
}

export interface Playground {
  readonly local: Local;
  /** Every request that reached the local Trigger.dev, in order. */
  readonly reached: readonly RecordedRequest[];
  readonly proxyUrl: string;
  readonly pageUrl: string;
  /** Whether the page had to be built first. */
  readonly isPageNew: boolean;
  /** Resolves with the proxy's exit code when it ends. */
  readonly ended: Promise<number>;
  close(): Promise<void>;
}

/** Starts all three. Rejects with what a listener rejects with, or an `EdgeFailure`; then nothing keeps running. */
export async function startPlayground(options: PlaygroundOptions): Promise<Playground> {
  const closing: (() => Promise<void>)[] = [];
  const close = async (): Promise<void> => {
    for (const one of closing.splice(0).reverse()) await one();
  };
  try {
    return await start(options, closing, close);
  } catch (error) {
    await close();
    throw error;
  }
}

async function start(
  { namespace, ports, seal: kind = "none" }: PlaygroundOptions,
  closing: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Playground> {
  const inspector = createInspector();
  const reached: RecordedRequest[] = [];
  let begin!: (config: PageConfig) => void;
  const config = new Promise<PageConfig>((resolve) => (begin = resolve));
  const keys = kind === "none" ? undefined : await makeSealKeys(kind);
  const local = await startLocal({
    ...(keys !== undefined &&
      { tasks: new URL(`sealed_agent.ts?keys=${encodeURIComponent(keys.agent)}`, import.meta.url) }),
    port: ports.upstream,
    namespace,
    onObservation: (observation) => {
      const fact = toFact(observation);
      if (fact !== undefined) inspector.note(fact);
    },
    wrap: (fetch) => recordRequests(watchUpstream(fetch, inspector.note), (request) => void reached.push(request)),
  });
  closing.push(local.close);
  const { secretKey } = local.environment;
  const page = await servePage({ port: ports.page, inspector, secretKey, config });
  closing.push(page.close);
  const origins = [page.url, page.url.replace("127.0.0.1", "localhost")];
  const seal = kind === "none" || keys === undefined ? {} : { seal: { kind, key: keys.proxy } };
  const edge: Edge = await startEdge({
    upstream: local.url,
    namespace,
    port: ports.proxy,
    origins,
    ...seal,
    note: inspector.note,
  });
  closing.push(edge.stop);
  begin({
    startId: crypto.randomUUID(),
    agentId: AGENT_ID,
    namespace,
    seal: kind,
    proxyUrl: edge.url,
    upstreamUrl: local.url,
  });
  return { local, reached, proxyUrl: edge.url, pageUrl: page.url, isPageNew: page.isNew, ended: edge.ended, close };
}
