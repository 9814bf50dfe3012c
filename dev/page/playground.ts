/** Everything that the page needs, on three ports: a local Trigger.dev, the proxy before it, and the page. */

import { AGENT_ID } from "../agent_id.ts";
import type { Edge, EdgeOptions } from "../edge_here.ts";
import { createInspector } from "../inspector.ts";
import type { PageConfig } from "../inspector_facts.ts";
import { toFact, watchUpstream } from "../inspector_watch.ts";
import { isThere } from "../peers.ts";
import { type RecordedRequest, recordRequests } from "../record.ts";
import { type Local, startLocal } from "../serve.ts";
import { makeSealKeys, type SealKind } from "./seal_keys.ts";
import type { PageFiles } from "./files.ts";
import { servePage } from "./server.ts";

/** An agent that is not the demo's. */
export interface OwnAgent {
  /** The module that defines it, as an absolute URL. */
  readonly tasks: URL;
  readonly id: string;
  /** Builds it before it is run, which TypeScript needs that Node cannot run as it is. Default: where `esbuild` is there. */
  readonly bundle?: boolean;
  /** What the page sends of its user, for the agent's schema. Default `{ userId: "you" }`. */
  readonly clientData?: Readonly<Record<string, unknown>>;
}

export interface PlaygroundOptions {
  readonly namespace: string;
  /** How the proxy seals its stamps, and the agent checks them. Default `none`. */
  readonly seal?: SealKind;
  /** 0 for any free one. */
  readonly ports: { readonly page: number; readonly proxy: number; readonly upstream: number };
  /** An agent of one's own. Without one, it is the demo's. */
  readonly agent?: OwnAgent;
  /** The file in which Trigger.dev's side is kept over restarts. */
  readonly file?: string;
  readonly findPage: () => Promise<PageFiles>;
  readonly startEdge: (options: EdgeOptions) => Promise<Edge>;
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

/** Built, this package is JavaScript; from its sources, Node strips the types. */
const SEALED_AGENT = new URL(
  import.meta.url.endsWith(".ts") ? "./sealed_agent.ts" : "./sealed_agent.js",
  import.meta.url,
);

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
  { namespace, ports, seal: kind = "none", agent, file, findPage, startEdge }: PlaygroundOptions,
  closing: (() => Promise<void>)[],
  close: () => Promise<void>,
): Promise<Playground> {
  const inspector = createInspector();
  const reached: RecordedRequest[] = [];
  let begin!: (config: PageConfig) => void;
  const config = new Promise<PageConfig>((resolve) => (begin = resolve));
  const keys = kind === "none" ? undefined : await makeSealKeys(kind);
  const tasks = agent?.tasks ?? (keys === undefined ? undefined : SEALED_AGENT);
  const local = await startLocal({
    ...(tasks !== undefined && { tasks }),
    bundle: agent !== undefined && (agent.bundle ?? isThere("esbuild")),
    ...(keys !== undefined && { env: keys.agent }),
    ...(file !== undefined && { file }),
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
  const page = await servePage({ files: await findPage(), port: ports.page, inspector, secretKey, config });
  closing.push(page.close);
  const origins = [page.url, page.url.replace("127.0.0.1", "localhost")];
  const seal = kind === "none" || keys === undefined ? {} : { seal: { kind, key: keys.proxy } };
  const edge = await startEdge({
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
    agentId: agent?.id ?? AGENT_ID,
    isDemo: agent === undefined,
    clientData: agent?.clientData ?? { userId: "you" },
    namespace,
    seal: kind,
    proxyUrl: edge.url,
    upstreamUrl: local.url,
  });
  return { local, reached, proxyUrl: edge.url, pageUrl: page.url, isPageNew: page.isNew, ended: edge.ended, close };
}
