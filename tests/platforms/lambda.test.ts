/** Lambda's handlers with events as AWS documents them, against an upstream on loopback. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { PassThrough } from "node:stream";
import { after, before, describe, test } from "node:test";
import {
  type EdgeEvent,
  edgeHandler,
  type FunctionUrlEvent,
  functionUrlHandler,
  lambda,
  streamingHandler,
} from "../../adapters/lambda.ts";
import { createProxy, type Proxy } from "../../mod.ts";
import { type Seen, startUpstream } from "../runtime/spawned.ts";
import { FUNCTION_URL, ORIGIN_REQUEST, VIEWER_REQUEST } from "./aws_events.ts";

const APPEND = "/realtime/v1/sessions/chat/in/append";
const MESSAGE = '{"kind":"message","payload":{"chatId":"chat","text":"São","metadata":{"__edge":{"ip":"6.6.6.6"}}}}';
const STAMPED = MESSAGE.replace("6.6.6.6", "198.51.100.7");
const base64 = (text: string): string => Buffer.from(text).toString("base64");

function urlEvent(more: Partial<FunctionUrlEvent> = {}, method = "POST"): FunctionUrlEvent {
  return {
    rawPath: APPEND,
    rawQueryString: "",
    headers: { host: "x.lambda-url.eu-west-1.on.aws", "x-forwarded-for": "6.6.6.6", origin: "https://app.example.com" },
    requestContext: { http: { method, sourceIp: "198.51.100.7" } },
    body: base64(MESSAGE),
    isBase64Encoded: true,
    ...more,
  };
}

type Body = NonNullable<EdgeEvent["Records"][0]["cf"]["request"]["body"]>;

function edgeEvent(
  body: Body | undefined,
  { method = "POST", uri = APPEND, eventType = "viewer-request", headers = {} } = {},
): EdgeEvent {
  const one = (value: string) => [{ value }];
  const given = {
    host: one("d123.cloudfront.net"),
    "content-length": one(String(MESSAGE.length + 1)),
    "x-forwarded-for": one("6.6.6.6"),
    origin: one("https://app.example.com"),
    ...headers,
  };
  const request = { clientIp: "198.51.100.7", method, uri, querystring: "", headers: given, ...(body && { body }) };
  return { Records: [{ cf: { config: { eventType }, request } }] };
}

const text = (result: { body: string }): string => Buffer.from(result.body, "base64").toString();

let upstream: Awaited<ReturnType<typeof startUpstream>>;
let proxy: Proxy;

before(async () => {
  upstream = await startUpstream((seen, response) => {
    response.setHeader("set-cookie", ["a=1", "b=2"]);
    if (seen.path.endsWith("/long")) return void response.end("x".repeat(60_000));
    response.end(seen.method === "GET" ? "data: 1\n\ndata: é\n\n" : "{}");
  });
  proxy = createProxy({ upstream: upstream.url, trust: lambda(), cors: { origins: ["https://app.example.com"] } });
});
after(() => upstream.close());

/** What the upstream saw of a call; `undefined` where nothing came. */
async function seenOf(work: () => Promise<unknown>): Promise<string | undefined> {
  const from = upstream.seen.length;
  await work();
  return upstream.seen[from]?.body;
}

describe("AWS's documented events", () => {
  async function arrived(work: () => Promise<unknown>): Promise<Seen> {
    const from = upstream.seen.length;
    await work();
    return upstream.seen[from]!;
  }
  test("a Function URL's", async () => {
    const { method, path, headers, body } = await arrived(() => functionUrlHandler(proxy)(FUNCTION_URL));
    assert.equal(`${method} ${path}`, `POST /my/path?${FUNCTION_URL.rawQueryString}`);
    assert.equal(body, "Hello from client!");
    assert.equal(headers["header1"], "value1");
    assert.equal(headers["header2"], "value1,value2");
    assert.equal(headers.cookie, undefined);
    assert.deepEqual(lambda().read(new Request("https://p.example/"), { info: FUNCTION_URL }), {
      ip: "123.123.123.123",
    });
  });
  for (const event of [VIEWER_REQUEST, ORIGIN_REQUEST]) {
    const { config: { eventType }, request: { headers: sent } } = event.Records[0].cf;
    test(`Lambda@Edge's ${eventType}`, async () => {
      const { method, path, headers } = await arrived(() => edgeHandler(proxy)(event));
      assert.equal(`${method} ${path}`, "GET /");
      assert.equal(headers["user-agent"], sent["user-agent"][0].value);
      assert.equal(headers["x-forwarded-for"], undefined);
      assert.doesNotMatch(headers.host!, /cloudfront|example\.org/);
      assert.deepEqual(lambda().read(new Request("https://p.example/"), { info: event }), { ip: "203.0.113.178" });
    });
  }
});

test("a header beyond Latin-1 goes on as the bytes that the client sent", async () => {
  const name = "São Paulo – 日本 😀";
  const headers = { "x-app": name, "x-latin": "S\xe3o" };
  const edgeHeaders = Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, [{ value }]]));
  const calls = [
    () => functionUrlHandler(proxy)(urlEvent({ headers })),
    () =>
      edgeHandler(proxy)(edgeEvent(undefined, { method: "GET", headers: { ...edgeHeaders, "content-length": [] } })),
  ];
  for (const work of calls) {
    const from = upstream.seen.length;
    await work();
    const seen = upstream.seen[from]!.headers;
    assert.equal(Buffer.from(String(seen["x-app"]), "latin1").toString(), name);
    assert.equal(seen["x-latin"], "S\xe3o");
  }
});

describe("functionUrlHandler()", () => {
  const handle = (event: FunctionUrlEvent) => functionUrlHandler(proxy)(event);
  test("a body in base64", async () => assert.equal(await seenOf(() => handle(urlEvent())), STAMPED));
  test("a body as text", async () =>
    assert.equal(await seenOf(() => handle(urlEvent({ body: MESSAGE, isBase64Encoded: false }))), STAMPED));
  test("the answer is base64, with CORS and without cookies", async () => {
    const answer = await handle(urlEvent());
    assert.equal(answer.statusCode, 200);
    assert.equal(text(answer), "{}");
    assert.equal(answer.headers["access-control-allow-origin"], "https://app.example.com");
    assert.equal(answer.cookies, undefined);
    assert.equal(answer.headers["set-cookie"], undefined);
  });
  test("preflight, refusals and odd methods", async () => {
    assert.equal((await handle(urlEvent({ body: null }, "OPTIONS"))).statusCode, 204);
    assert.equal((await handle(urlEvent({ rawPath: "//api/v1/sessions" }))).statusCode, 400);
    assert.equal((await handle(urlEvent({}, "TRACE"))).statusCode, 405);
    assert.equal(
      (await handle(urlEvent({ body: "{", isBase64Encoded: false, rawPath: "/api/v1/sessions" }))).statusCode,
      400,
    );
  });
  test("no event chooses the upstream", async () => {
    const from = upstream.seen.length;
    for (const rawPath of ["@evil.example/x", "/\\evil.example", ":1/x", "?x"]) {
      await handle(urlEvent({ rawPath }, "GET")).catch(() => {});
    }
    for (const seen of upstream.seen.slice(from)) assert.doesNotMatch(seen.headers.host!, /evil/);
  });
});

describe("edgeHandler()", () => {
  const handle = (event: EdgeEvent) => edgeHandler(proxy)(event);
  const whole = (eventType?: string) =>
    edgeEvent(
      { data: base64(MESSAGE), encoding: "base64", inputTruncated: false },
      eventType === undefined ? {} : { eventType },
    );
  test("a body in base64", async () => assert.equal(await seenOf(() => handle(whole())), STAMPED));
  test("a body that was cut off goes nowhere", async () => {
    const cut = edgeEvent({ data: base64(MESSAGE), encoding: "base64", inputTruncated: true });
    const answer = await handle(cut);
    assert.equal(answer.status, "400");
    assert.match(text(answer), /edge_body_broken/);
    assert.equal(answer.headers["access-control-allow-origin"]?.[0]?.value, "https://app.example.com");
    assert.equal(await seenOf(() => handle(cut)), undefined);
  });
  test("nor does one that the function was not given", async () => {
    assert.equal((await handle(edgeEvent(undefined))).status, "400");
    assert.equal(await seenOf(() => handle(edgeEvent(undefined))), undefined);
  });
  test("repeated headers stay apart, and what CloudFront sets itself is left out", async () => {
    const answer = await handle(edgeEvent(undefined, { method: "GET", uri: "/realtime/v1/sessions/chat/out" }));
    assert.equal(text(answer), "data: 1\n\ndata: é\n\n");
    for (const name of ["content-length", "transfer-encoding", "connection", "set-cookie"]) {
      assert.equal(answer.headers[name], undefined);
    }
    assert.equal(answer.headers["vary"]?.[0]?.value, "Origin");
  });
  test("an answer that is too long is a failure that can be read", async () => {
    const event = (eventType: string) => edgeEvent(undefined, { method: "GET", uri: "/long", eventType });
    const answer = await handle(event("viewer-request"));
    assert.equal(answer.status, "500");
    assert.match(text(answer), /too long for Lambda@Edge/);
    assert.equal(answer.headers["access-control-allow-origin"]?.[0]?.value, "https://app.example.com");
    assert.equal((await handle(event("origin-request"))).status, "200");
  });
});

describe("streamingHandler()", () => {
  test("does not start elsewhere", () => assert.throws(() => streamingHandler(proxy), TypeError));
  test("head and body, as they come", async () => {
    const heads: { statusCode: number; headers: Record<string, string> }[] = [];
    const world = globalThis as { awslambda?: unknown };
    world.awslambda = {
      streamifyResponse: (handler: unknown) => handler,
      HttpResponseStream: { from: (stream: unknown, head: typeof heads[0]) => (heads.push(head), stream) },
    };
    try {
      const handle = streamingHandler(proxy) as unknown as (
        event: FunctionUrlEvent,
        stream: PassThrough,
      ) => Promise<void>;
      const stream = new PassThrough();
      const chunks: Buffer[] = [];
      stream.on("data", (chunk) => chunks.push(chunk));
      const ended = once(stream, "end");
      await handle(urlEvent({ rawPath: "/realtime/v1/sessions/chat/out", body: null }, "GET"), stream);
      await ended;
      assert.equal(Buffer.concat(chunks).toString(), "data: 1\n\ndata: é\n\n");
      assert.equal(heads[0]!.statusCode, 200);
      assert.equal(heads[0]!.headers["set-cookie"], undefined);
      assert.equal(await seenOf(() => handle(urlEvent(), new PassThrough().resume())), STAMPED);
    } finally {
      delete world.awslambda;
    }
  });
});
