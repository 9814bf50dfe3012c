/**
 * The events of AWS Lambda as requests, and responses as what it wants back. Written by hand from
 * AWS's documentation; only what is read is here.
 *
 * @module
 */

/** A request of a Function URL, or of an HTTP API: payload format 2.0 (https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html). */
export interface FunctionUrlEvent {
  readonly rawPath: string;
  readonly rawQueryString?: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly cookies?: readonly string[];
  readonly requestContext: { readonly http: { readonly method: string; readonly sourceIp?: string } };
  readonly body?: string | null;
  readonly isBase64Encoded?: boolean;
}

/** What a Function URL is answered with. */
export interface FunctionUrlResult {
  readonly statusCode: number;
  readonly headers: Record<string, string>;
  readonly cookies?: string[];
  readonly body: string;
  readonly isBase64Encoded: boolean;
}

/** Each header's values, in order. */
export type EdgeHeaders = Readonly<Record<string, readonly { readonly key?: string; readonly value: string }[]>>;

/** A request of CloudFront's (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html). */
export interface EdgeRequest {
  readonly clientIp: string;
  readonly method: string;
  readonly uri: string;
  readonly querystring: string;
  readonly headers: EdgeHeaders;
  readonly body?: { readonly data: string; readonly encoding: "base64" | "text"; readonly inputTruncated: boolean };
}

/** A Lambda@Edge event of a request. */
export interface EdgeEvent {
  readonly Records: readonly [{
    readonly cf: { readonly config: { readonly eventType: string }; readonly request: EdgeRequest };
  }];
}

/** A response that Lambda@Edge generates. */
export interface EdgeResult {
  readonly status: string;
  readonly headers: Record<string, { key: string; value: string }[]>;
  readonly body: string;
  readonly bodyEncoding: "base64";
}

/** No name of the event's: what is judged and forwarded is the path, and the upstream is fixed. */
const ORIGIN = "https://proxy.invalid";

/** Methods that no `Request` can have. */
const UNSUPPORTED = ["CONNECT", "TRACE", "TRACK"];

/** A Function URL's event as a request. Repeated headers come joined by commas. */
export function fromFunctionUrl(event: FunctionUrlEvent): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(event.headers)) {
    if (value !== undefined) headers.append(name, toBytes(value));
  }
  const { body, isBase64Encoded, rawPath, rawQueryString = "", requestContext: { http: { method } } } = event;
  const bytes = body === undefined || body === null || body === "" ? null : decode(body, isBase64Encoded === true);
  return toRequest(method, rawPath, rawQueryString, headers, bytes);
}

/**
 * A Lambda@Edge event as a request. A body that CloudFront cut off, or that the function was not given
 * though there is one, is a body that breaks off: nothing of it may be judged or sent.
 */
export function fromEdge(event: EdgeEvent): Request {
  const { method, uri, querystring, headers: given, body } = event.Records[0].cf.request;
  const headers = new Headers();
  for (const [name, values] of Object.entries(given)) {
    for (const { value } of values) headers.append(name, toBytes(value));
  }
  const hasBody = Number(headers.get("content-length") ?? 0) > 0 || headers.has("transfer-encoding");
  const data = body?.data ?? "";
  const isBroken = body?.inputTruncated === true || (hasBody && data === "");
  const bytes = isBroken ? brokenOff() : data === "" ? null : decode(data, body?.encoding === "base64");
  return toRequest(method, uri, querystring, headers, bytes);
}

/**
 * A header's value as every other runtime gives it, one character for each byte. An event is JSON, so its bytes may have been
 * read as UTF-8 by then, and `Headers` throws for a character that is no byte.
 */
function toBytes(value: string): string {
  if (/^[\0-\xff]*$/.test(value)) return value;
  return Array.from(new TextEncoder().encode(value), (byte) => String.fromCharCode(byte)).join("");
}

function toRequest(method: string, path: string, query: string, headers: Headers, body: BodyInit | null): Request {
  const url = `${ORIGIN}${path}${query === "" ? "" : `?${query}`}`;
  // An unknown method is refused by the proxy; these cannot even be said to it.
  const spoken = UNSUPPORTED.includes(method.toUpperCase()) ? "UNSUPPORTED" : method;
  const init = { method: spoken, headers, body: /^(?:get|head)$/i.test(method) ? null : body, duplex: "half" };
  return new Request(url, init as RequestInit);
}

function decode(text: string, isBase64: boolean): Uint8Array<ArrayBuffer> {
  if (!isBase64) return new TextEncoder().encode(text);
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}

function brokenOff(): ReadableStream<Uint8Array> {
  return new ReadableStream({ start: (controller) => controller.error(new Error("the platform cut the body off")) });
}

/** A response for a Function URL that is not streamed. */
export async function toFunctionUrl(response: Response): Promise<FunctionUrlResult> {
  const cookies = response.headers.getSetCookie();
  return {
    statusCode: response.status,
    headers: plainHeaders(response.headers),
    ...(cookies.length > 0 && { cookies }),
    body: encode(await response.arrayBuffer()),
    isBase64Encoded: true,
  };
}

/** Headers without cookies, which Lambda wants apart: joined by commas they would be broken. */
export function plainHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers].filter(([name]) => name !== "set-cookie"));
}

/** What Lambda@Edge may not set (https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/edge-functions-restrictions.html). */
const NOT_ITS_OWN =
  /^(?:connection|expect|keep-alive|proxy-.*|trailer|upgrade|via|warning|transfer-encoding|content-length|x-accel-.*|x-amz-cf-.*|x-cache.*|x-edge-.*|x-forwarded-proto|x-real-ip)$/;

/** Bytes that a generated response may have, base64 and all. */
const EDGE_LIMIT_BYTES: Readonly<Record<string, number>> = { "viewer-request": 40_000, "origin-request": 1_000_000 };

/** A response for Lambda@Edge; `undefined` for one that is larger than it may be. */
export async function toEdge(response: Response, eventType: string): Promise<EdgeResult | undefined> {
  const body = encode(await response.arrayBuffer());
  if (body.length > (EDGE_LIMIT_BYTES[eventType] ?? 0)) return undefined;
  const headers: EdgeResult["headers"] = {};
  for (const [key, value] of response.headers) {
    if (!NOT_ITS_OWN.test(key)) (headers[key] ??= []).push({ key, value });
  }
  return { status: String(response.status), headers, body, bodyEncoding: "base64" };
}

function encode(buffer: ArrayBuffer): string {
  let binary = "";
  const bytes = new Uint8Array(buffer);
  // In pieces: a call cannot have a million arguments.
  for (let at = 0; at < bytes.length; at += 8_192) binary += String.fromCharCode(...bytes.subarray(at, at + 8_192));
  return btoa(binary);
}
