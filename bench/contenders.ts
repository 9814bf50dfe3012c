/**
 * The proxies that are held against each other, as handlers that every runtime can serve.
 *
 * @module
 */
import { createProxy } from "../mod.ts";
import { SIGNALS } from "./bodies.ts";
import { REFERENCE_NAMESPACE, referenceProxy } from "./reference.ts";

/** edgestamp; one that changes nothing; and the one of Trigger.dev's page. */
export type Contender = "edgestamp" | "null" | "reference";

/** All of them. */
export const CONTENDERS: readonly Contender[] = ["null", "edgestamp", "reference"];

/** How a null proxy hands a body on. Runtimes differ in which is fastest; all send a `Content-Length`. */
export type Handing = "stream" | "bytes" | "text";

/** Which is fastest where; `npm run bench -- --only handing` tells. */
export const FASTEST: Readonly<Record<string, Handing>> = {
  bun: "text",
  deno: "stream",
  node: "text",
  workerd: "stream",
};

/** What a server is started with. */
export interface Wanted {
  readonly contender: Contender;
  /** An origin. */
  readonly upstream: string;
  readonly handing: Handing;
}

/** The handler of a contender. */
export function handlerOf({ contender, upstream, handing }: Wanted): (request: Request) => Promise<Response> {
  if (contender === "reference") return referenceProxy(upstream, () => SIGNALS);
  if (contender === "null") return (request) => handOn(request, upstream, handing);
  const proxy = createProxy({ upstream, namespace: REFERENCE_NAMESPACE, trust: () => SIGNALS });
  return (request) => proxy.fetch(request);
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
