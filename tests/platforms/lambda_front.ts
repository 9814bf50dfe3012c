/**
 * What AWS has between a socket and a handler: HTTP requests as the events that it documents, and
 * results as HTTP answers. Function URLs with either InvokeMode, and CloudFront with a viewer-request
 * or an origin-request function.
 * (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html,
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html)
 */
import { isUtf8 } from "node:buffer";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { Writable } from "node:stream";
import type { EdgeEvent, EdgeResult, FunctionUrlEvent, FunctionUrlResult } from "../../adapters/lambda.ts";

/** Lambda takes 6 MB (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html). */
const MOST_BYTES = 6_291_456;

/** What CloudFront hands a function of a body: the rest is cut off (edge-functions-restrictions). */
export const SEEN_BYTES = { "viewer-request": 40 * 1024, "origin-request": 1024 * 1024 } as const;

export type EdgeEventType = keyof typeof SEEN_BYTES;

/** A server that calls a buffered handler. */
export function buffered(handle: (event: FunctionUrlEvent) => Promise<FunctionUrlResult>): Server {
  return serverOf(async (request, body, response) => {
    const result = await handle(urlEvent(request, body));
    response.writeHead(result.statusCode, headOf(result));
    response.end(Buffer.from(result.body, result.isBase64Encoded ? "base64" : "utf8"));
  });
}

/** A handler as `awslambda.streamifyResponse` marks it. */
export type StreamingHandler = (event: FunctionUrlEvent, stream: Writable) => Promise<void>;

/** Puts `awslambda` in place, as Lambda's Node runtime has it. */
export function installAwsLambda(): void {
  Object.assign(globalThis, {
    awslambda: {
      streamifyResponse: (handler: unknown) => handler,
      HttpResponseStream: { from: (stream: ResponseStream, head: StreamHead) => stream.begin(head) },
    },
  });
}

/** A server that calls a handler which `streamifyResponse` made. */
export function streamed(handle: StreamingHandler): Server {
  return serverOf(async (request, body, response) => {
    const stream = new ResponseStream(response);
    await handle(urlEvent(request, body), stream);
  });
}

interface StreamHead {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies?: readonly string[];
}

/** The head goes out with the first write, as Lambda has it. */
class ResponseStream extends Writable {
  readonly #response: ServerResponse;
  #head: StreamHead | undefined;

  constructor(response: ServerResponse) {
    super({ highWaterMark: 64 * 1024 });
    this.#response = response;
    response.on("close", () => this.destroy());
    this.on("error", () => {});
  }

  begin(head: StreamHead): this {
    this.#head = head;
    return this;
  }

  override _write(chunk: Buffer, _: string, done: (error?: Error | null) => void): void {
    if (!this.#response.headersSent && this.#head !== undefined) {
      this.#response.writeHead(this.#head.statusCode, headOf(this.#head));
      this.#response.flushHeaders();
    }
    if (chunk.length === 0 || this.#response.write(chunk)) return done();
    this.#response.once("drain", done);
  }

  override _final(done: () => void): void {
    this.#response.end();
    done();
  }

  // A handler that fails in the middle leaves an answer that is not whole.
  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (!this.#response.writableEnded) this.#response.destroy();
    done(error);
  }
}

/** A server that calls a Lambda@Edge handler of a request. */
export function atTheEdge(
  handle: (event: EdgeEvent) => Promise<EdgeResult>,
  eventType: EdgeEventType,
): Server {
  return serverOf(async (request, body, response) => {
    const { status, headers, body: text } = await handle(edgeEvent(request, body, eventType));
    for (const fields of Object.values(headers)) {
      response.setHeader(fields[0]!.key, fields.map(({ value }) => value));
    }
    response.statusCode = Number(status);
    response.end(Buffer.from(text, "base64"));
  });
}

/** An event of payload format 2.0: repeated headers joined by commas, cookies apart, a body as text where it is some. */
export function urlEvent(request: IncomingMessage, body: Buffer): FunctionUrlEvent {
  const [rawPath = "/", ...query] = pathOf(request).split("?");
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).filter(([name]) => name !== "cookie").map((
      [name, values],
    ) => [name, values!.join(",")]),
  );
  const isText = /^(?:text\/|application\/(?:json|javascript|xml))/.test(headers["content-type"] ?? "") && isUtf8(body);
  return {
    rawPath,
    rawQueryString: query.join("?"),
    headers,
    ...(request.headers.cookie && { cookies: request.headers.cookie.split("; ") }),
    requestContext: { http: { method: request.method!, sourceIp: "198.51.100.7" } },
    ...(body.length > 0 && { body: body.toString(isText ? "utf8" : "base64") }),
    isBase64Encoded: body.length > 0 && !isText,
  };
}

/** A viewer's request: each header's values by its name in lower case, the body cut off where CloudFront does. */
export function edgeEvent(request: IncomingMessage, body: Buffer, eventType: EdgeEventType): EdgeEvent {
  const [uri = "/", ...query] = pathOf(request).split("?");
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([key, values]) => [key, values!.map((value) => ({ key, value }))]),
  );
  const seen = body.subarray(0, SEEN_BYTES[eventType]);
  return {
    Records: [{
      cf: {
        config: { eventType },
        request: {
          clientIp: "198.51.100.7",
          method: request.method!,
          uri,
          querystring: query.join("?"),
          headers,
          body: { data: seen.toString("base64"), encoding: "base64", inputTruncated: seen.length < body.length },
        },
      },
    }],
  };
}

/** AWS takes absolute targets for what they name, and `*` for nothing. */
function pathOf(request: IncomingMessage): string {
  const target = request.url ?? "/";
  return target.startsWith("/") ? target : target.replace(/^https?:\/\/[^/?#]*/i, "").replace(/^(?!\/)/, "/");
}

function headOf({ headers, cookies }: { headers: Readonly<Record<string, string>>; cookies?: readonly string[] }) {
  return { ...headers, ...(cookies && cookies.length > 0 && { "set-cookie": [...cookies] }) };
}

type Answer = (request: IncomingMessage, body: Buffer, response: ServerResponse) => Promise<void>;

function serverOf(answer: Answer): Server {
  return createServer(async (request, response) => {
    try {
      const body = await collect(request);
      if (body === undefined) return void response.writeHead(413, { connection: "close" }).end();
      await answer(request, body, response);
    } catch {
      // Where a handler throws, AWS answers 502.
      if (response.headersSent) response.destroy();
      else response.writeHead(502).end();
    }
  });
}

/** A body that breaks off never becomes an event. */
async function collect(request: IncomingMessage): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    parts.push(part);
    if ((size += part.length) > MOST_BYTES) return undefined;
  }
  return Buffer.concat(parts);
}
