/**
 * AWS Lambda: behind a Function URL or an HTTP API, streamed or not, and at CloudFront's edge.
 *
 * ```ts ignore
 * export { streaming as handler } from "edgestamp/lambda"; // a Function URL with InvokeMode RESPONSE_STREAM
 * export { default as handler } from "edgestamp/lambda"; // one with InvokeMode BUFFERED, or an HTTP API
 * ```
 *
 * Streams of a chat need the first: a buffered function answers when the stream has ended.
 *
 * @module
 */
import { Refusal, refusalResponse } from "../src/errors.ts";
import { createProxy, type Proxy } from "../src/proxy.ts";
import type { Platform, TrustProvider } from "../src/trust.ts";
import { readEnvironment } from "./_environment.ts";
import { processEnvironment } from "./_hosted.ts";
import { parseIp } from "./_ip.ts";
import {
  type EdgeEvent,
  type EdgeResult,
  fromEdge,
  fromFunctionUrl,
  type FunctionUrlEvent,
  type FunctionUrlResult,
  plainHeaders,
  toEdge,
  toFunctionUrl,
} from "./_lambda_events.ts";
import { type ReadyFetch, readyFetch } from "./_ready.ts";
import { withSeal } from "./_seal.ts";
import { edgestampHeaders } from "./_trusts.ts";

export type {
  EdgeEvent,
  EdgeHeaders,
  EdgeRequest,
  EdgeResult,
  FunctionUrlEvent,
  FunctionUrlResult,
} from "./_lambda_events.ts";

/** The trust provider of Lambda. */
export interface LambdaProvider {
  readonly name: string;
  readonly consumes: readonly string[];
  read(request: Request, platform?: Platform): { readonly ip?: string };
}

/**
 * Reads `ip` from the event: the peer of the Function URL, or CloudFront's viewer. Behind CloudFront a
 * Function URL's peer is CloudFront: read its viewer headers behind a proof then (`cloudfront`).
 */
export function lambda(): LambdaProvider {
  return {
    name: "lambda",
    consumes: ["x-amzn-trace-id", "x-amz-cf-id"],
    read(_request, platform) {
      const event = platform?.info as Partial<FunctionUrlEvent & EdgeEvent> | undefined;
      const address = event?.Records?.[0].cf.request.clientIp ?? event?.requestContext?.http.sourceIp;
      const ip = parseIp(address ?? "");
      return ip === undefined ? {} : { ip };
    },
  };
}

/** A function behind a URL that is not streamed. */
export type FunctionUrlHandler = (event: FunctionUrlEvent) => Promise<FunctionUrlResult>;

/** Makes a handler for a Function URL with `InvokeMode: BUFFERED`, or an HTTP API with payload format 2.0. */
export function functionUrlHandler(proxy: Proxy): FunctionUrlHandler {
  return (event) =>
    settled(async (waitUntil) => {
      return await toFunctionUrl(await proxy.fetch(fromFunctionUrl(event), { info: event, waitUntil }));
    });
}

/** Makes a handler for Lambda@Edge, viewer request or origin request, with the body included. */
export function edgeHandler(proxy: Proxy): (event: EdgeEvent) => Promise<EdgeResult> {
  return (event) =>
    settled(async (waitUntil) => {
      const { eventType } = event.Records[0].cf.config;
      const response = await proxy.fetch(fromEdge(event), { info: event, waitUntil });
      // A stream or a long answer is not for here: send reads past the function, by a cache behaviour of their own.
      return await toEdge(response, eventType) ?? (await toEdge(tooLong(response), eventType))!;
    });
}

function tooLong({ headers }: Response): Response {
  const answer = refusalResponse(new Refusal("edge_internal", { detail: "the answer is too long for Lambda@Edge" }));
  for (const [name, value] of headers) if (/^access-control-|^vary$/.test(name)) answer.headers.set(name, value);
  return answer;
}

/** Lambda freezes when a handler is done: what has to be carried through is waited for. */
async function settled<T>(work: (waitUntil: (promise: Promise<unknown>) => void) => Promise<T>): Promise<T> {
  const pending: Promise<unknown>[] = [];
  const result = await work((promise) => void pending.push(promise));
  await Promise.allSettled(pending);
  return result;
}

/** A stream of Node's, as far as it is written to. */
interface ResponseStream {
  write(chunk: Uint8Array | string): boolean;
  end(): void;
  once(event: "drain" | "close" | "error", listener: () => void): unknown;
  off(event: "drain", listener: () => void): unknown;
}

/** What Lambda's Node runtime has as a global (https://docs.aws.amazon.com/lambda/latest/dg/config-rs-write-functions.html). */
interface AwsLambda {
  streamifyResponse(handler: (event: FunctionUrlEvent, stream: ResponseStream) => Promise<void>): FunctionUrlHandler;
  readonly HttpResponseStream: {
    from(
      stream: ResponseStream,
      head: { statusCode: number; headers: Record<string, string>; cookies: string[] },
    ): ResponseStream;
  };
}

/** Makes a handler for a Function URL with `InvokeMode: RESPONSE_STREAM`. Throws a `TypeError` outside of Lambda's Node. */
export function streamingHandler(proxy: Proxy): FunctionUrlHandler {
  const { awslambda } = globalThis as { awslambda?: AwsLambda };
  if (awslambda === undefined) {
    throw new TypeError("Cannot stream here: run it on Lambda's Node runtime, or use functionUrlHandler");
  }
  return awslambda.streamifyResponse((event, raw) =>
    settled(async (waitUntil) => {
      const left = new AbortController();
      raw.once("close", () => left.abort());
      raw.once("error", () => left.abort());
      const request = new Request(fromFunctionUrl(event), { signal: left.signal });
      const response = await proxy.fetch(request, { info: event, waitUntil });
      const head = {
        statusCode: response.status,
        headers: plainHeaders(response.headers),
        cookies: response.headers.getSetCookie(),
      };
      await pour(response, awslambda.HttpResponseStream.from(raw, head), left.signal);
    })
  );
}

async function pour({ body }: Response, stream: ResponseStream, left: AbortSignal): Promise<void> {
  // The head is not sent before something is written.
  stream.write("");
  if (body !== null) {
    const reader = body.getReader();
    left.addEventListener("abort", () => void reader.cancel().catch(() => {}));
    for (let next = await reader.read(); !next.done && !left.aborted; next = await reader.read()) {
      if (!stream.write(next.value)) await drained(stream, left);
    }
  }
  stream.end();
}

/** Resolves when the stream takes more, or when its reader has left: then nothing drains any more. */
function drained(stream: ResponseStream, left: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      left.removeEventListener("abort", done);
      resolve();
    };
    if (left.aborted) return done();
    stream.once("drain", done);
    left.addEventListener("abort", done);
  });
}

/** `EDGE_TRUST` on Lambda. */
const TRUSTS = ["lambda", "headers", "none"] as const;

const answer: ReadyFetch = /* @__PURE__ */ readyFetch(async (env) => {
  const setup = readEnvironment(env, { trusts: TRUSTS });
  return createProxy({ ...await withSeal(setup), trust: trustOf(setup.trust, setup.proof) });
});

function trustOf(trust: typeof TRUSTS[number], secret: string | readonly [string, string] | undefined): TrustProvider {
  if (trust === "none") return { name: "none", read: () => null };
  return trust === "headers" && secret !== undefined ? edgestampHeaders(secret) : lambda();
}

const ready: Proxy = {
  fetch: (request, platform = {}) => {
    const env = processEnvironment();
    return answer(request, env, { ...platform, env });
  },
};

/** Configured by the environment, and not streamed. */
const handler: FunctionUrlHandler = /* @__PURE__ */ functionUrlHandler(ready);

/** The same, streamed where Lambda can: marked as such when the module is loaded, as Lambda looks for it. */
export const streaming: FunctionUrlHandler = "awslambda" in globalThis ? streamingHandler(ready) : handler;

export default handler;
