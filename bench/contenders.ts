/**
 * The proxies that are held against each other, as handlers that every runtime can serve.
 *
 * @module
 */
import { createProxy } from "../mod.ts";
import { encrypted, signed } from "../src/seal.ts";
import { SIGNALS } from "./bodies.ts";
import { REFERENCE_NAMESPACE, referenceProxy } from "./reference.ts";

/** edgestamp without a seal and with each; one that changes nothing; and the one of Trigger.dev's page. */
export type Contender = "edgestamp" | "signed" | "encrypted" | "null" | "reference";

/** The keys of the seals, as JWKs. */
export interface Keys {
  readonly signing: string;
  readonly secret: string;
}

/** How a null proxy hands a body on. Runtimes differ in which is fastest; all send a `Content-Length`. */
export type Handing = "stream" | "bytes" | "text";

/** Which is fastest where; `npm run bench -- --only handing` tells. */
export const FASTEST: Readonly<Record<string, Handing>> = {
  bun: "text",
  deno: "stream",
  node: "stream",
  workerd: "stream",
};

/** What a server is started with. */
export interface Wanted {
  readonly contender: Contender;
  /** An origin. */
  readonly upstream: string;
  readonly handing: Handing;
  readonly keys?: Keys | undefined;
  /** Whether a request to {@link COLLECT} has garbage collected, so that what is left is what is held. */
  readonly collects?: boolean;
}

/** Where a server that collects is asked to. */
export const COLLECT = "/.bench/collect";

type Handler = (request: Request) => Promise<Response>;

/** The handler of a contender. */
export function handlerOf(wanted: Wanted): Handler {
  const handler = proxyOf(wanted);
  return wanted.collects === true ? (request) => request.url.endsWith(COLLECT) ? collect() : handler(request) : handler;
}

function proxyOf({ contender, upstream, handing, keys }: Wanted): Handler {
  if (contender === "reference") return referenceProxy(upstream, () => SIGNALS);
  if (contender === "null") return (request) => handOn(request, upstream, handing);
  const proxy = createProxy({
    upstream,
    namespace: REFERENCE_NAMESPACE,
    trust: () => SIGNALS,
    ...(contender === "signed" && { seal: signed({ key: keys!.signing }) }),
    ...(contender === "encrypted" && { seal: encrypted({ key: keys!.secret }) }),
  });
  return (request) => proxy.fetch(request);
}

async function collect(): Promise<Response> {
  const { gc, Bun } = globalThis as { gc?: () => void; Bun?: { gc(force: boolean): void } };
  // What one collection sets free, the next may find unreachable.
  for (let round = 0; round < 3; round++) {
    Bun === undefined ? gc!() : Bun.gc(true);
    await Promise.resolve();
  }
  return new Response("collected");
}

async function handOn(request: Request, upstream: string, handing: Handing): Promise<Response> {
  const { url, method, headers } = request;
  const target = upstream + url.slice(url.indexOf("/", 8));
  const isRead = method === "GET" || method === "HEAD";
  const body = isRead
    ? null
    : handing === "stream"
    ? request.body
    : handing === "text"
    ? await request.text()
    : await request.arrayBuffer();
  return fetch(target, {
    method,
    headers,
    body,
    redirect: "manual",
    signal: request.signal,
    ...(handing === "stream" && !isRead ? { duplex: "half" } : {}),
  } as RequestInit);
}
