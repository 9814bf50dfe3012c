/**
 * Nothing that was sent, and nothing that the proxy holds, is in what it tells: events, notes, log lines, data points, and
 * the headers that name a request to its caller. Each secret of these tests has one word in it.
 */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { analytics } from "../../adapters/analytics.ts";
import { createProxy, type Options, type ProxyEvent, REFUSALS, type Signals } from "../../mod.ts";
import { type Answered, jsonLog, watch } from "../../src/watch.ts";
import { publicToken } from "./properties/through_proxy.ts";

const WORD = "hush";
const CHAT = `chat-${WORD}`;
const TOKEN = publicToken(`write:sessions:${CHAT}`);
const ADDRESS = "203.0.113.77";
const SECRETS = [
  new RegExp(WORD, "i"),
  new RegExp(TOKEN.split(".")[1]!),
  /203\.0\.113/,
  /upstream\.invalid/,
  /proxy\.test/,
];

const HEADERS = {
  authorization: `Bearer ${TOKEN}`,
  "content-type": `application/json; x=${WORD}`,
  "x-edge-pass": `${WORD}-pass`,
  "x-part-id": `${WORD}-part`,
  "x-request-id": `${WORD}-id`,
  "x-edge-request-id": `${WORD}-id`,
  "x-forwarded-for": ADDRESS,
  "user-agent": `${WORD}/1.0\u00e9`,
  traceparent: `00-${WORD}-01`,
  tracestate: `a=${WORD}`,
  baggage: `a=${WORD}`,
};
const APPEND = `/realtime/v1/sessions/${CHAT}/in/append?token=${WORD}`;
const CREATE = `/api/v1/sessions?token=${WORD}`;
const OTHER = `/api/v1/${WORD}?access_token=${WORD}`;
const PAYLOAD = `"chatId":"${CHAT}","message":{"id":"${WORD}","parts":[{"text":"${WORD}"}]},"metadata":{"k":"${WORD}"}`;
const MESSAGE = `{"kind":"message","payload":{${PAYLOAD}}}`;

type Sent = readonly [
  method: string,
  path: string,
  body?: string | Uint8Array | undefined,
  headers?: Record<string, string>,
];

/** Legitimate and hostile, at least one for each thing that the proxy looks at. */
const REQUESTS: readonly Sent[] = [
  ["POST", APPEND, MESSAGE],
  ["POST", CREATE, `{"externalId":"${CHAT}","triggerConfig":{"basePayload":{${PAYLOAD}}}}`],
  ["POST", APPEND, `{"kind":"stop","${WORD}":1}`],
  ["GET", `/realtime/v1/sessions/${CHAT}/out?x=${WORD}`],
  ["GET", OTHER],
  ["PUT", OTHER, `{"${WORD}":1}`],
  ["OPTIONS", APPEND, undefined, { origin: `https://${WORD}.example`, "access-control-request-headers": WORD }],
  ["GET", `/.edgestamp/health?${WORD}`],
  ["GET", `/.edgestamp/ready?${WORD}`],
  ["GET", `/.well-known/edgestamp/jwks.json?${WORD}`],
  ["POST", "/.edgestamp/pass", `{"session":"${CHAT}","captchaToken":"${WORD}"}`],
  ["POST", APPEND, `{"kind":"message","kind":"${WORD}","payload":{}}`],
  ["POST", APPEND, `{"kind":"message","payload":{"chatId":"another-${WORD}"}}`],
  ["POST", APPEND, `{"kind":"message","payload":{"continuation":"${WORD}"}}`],
  ["POST", APPEND, `{"kind":"message","payload":{"message":{"role":"system","text":"${WORD}"}}}`],
  ["POST", APPEND, `{"kind":"handover","x":"${WORD}"}`],
  ["POST", APPEND, JSON.stringify(MESSAGE)],
  ["POST", APPEND, `{"kind":"message","payload":{"metadata":"${WORD}"}}`],
  ["POST", APPEND, `{"kind":"message","payload":{"metadata":{"__proto__":"${WORD}"}}}`],
  ["POST", APPEND, `{"kind":"message","payload":${"[".repeat(300)}"${WORD}"${"]".repeat(300)}}`],
  ["POST", APPEND, `{"${WORD}":"${"x".repeat(1024 * 1024)}"}`],
  ["POST", APPEND, Uint8Array.of(0x68, 0x75, 0x73, 0x68, 0xff)],
  ["POST", APPEND, MESSAGE, { "content-encoding": WORD }],
  ["POST", CREATE, `${WORD}`],
  ["POST", OTHER, `{"__edge":"${WORD}"}`],
  ["POST", OTHER, `{"payloadType":"application/store","payload":"${WORD}"}`],
  ["PUT", `/realtime/v1/sessions/${CHAT}/in`, `{}`],
  ["POST", `//api/v1/sessions/${WORD}`, "{}"],
  ["POST", `/api/v1/${WORD}/..%2fsessions`, "{}"],
  ["POST", `/api/v1/sessions?_data=${WORD}`, "{}"],
  ["PROPFIND", OTHER],
  ["GET", OTHER, undefined, { upgrade: WORD }],
  ["GET", OTHER, undefined, { "x-large": WORD.repeat(10_000) }],
];

/** An error as chatty as runtimes' are. */
function chatty(): Error {
  const inner = Object.assign(new Error(`connect to http://upstream.invalid/${WORD} at ${ADDRESS}\n    at ${WORD}`), {
    code: `E_${WORD.toUpperCase()} ${ADDRESS}`,
    path: `http://upstream.invalid${APPEND}`,
    token: TOKEN,
  });
  return new TypeError(`fetch failed: ${MESSAGE}`, { cause: inner });
}

const fails = (): never => {
  throw chatty();
};

const SETTINGS: Readonly<Record<string, Options & { trust?: () => Signals; isAway?: boolean }>> = {
  "all is well": {},
  "the provider fails": { trust: fails },
  "the provider's signals cannot be told": { trust: () => ({ [WORD]: { toJSON: fails } as never }) },
  "the seal fails": { seal: { seal: fails } },
  "admission fails": { admit: fails },
  "passes fail": { pass: { issue: fails, resolve: fails } },
  "readiness fails": { ready: { check: fails } },
  "the upstream is away": { isAway: true },
};

/** Whatever prints an event sees of it: its own enumerable properties, and theirs. */
function printed(value: unknown, depth = 0): string {
  if (typeof value !== "object" || value === null || depth > 6) return String(value);
  const own = Object.entries(value).map(([key, inner]) => `${key}=${printed(inner, depth + 1)}`);
  return value instanceof Error ? `${value.stack} ${own.join()}` : own.join();
}

/** Everything that is told of one request. */
async function toldOf([method, path, body, more]: Sent, settings: (typeof SETTINGS)[string]): Promise<string[]> {
  const { trust = () => ({ ip: ADDRESS, secret: WORD }), isAway = false, ...options } = settings;
  const told: string[] = [];
  const note = (value: unknown): void =>
    void told.push(JSON.stringify(value), printed(value), printed({ ...value as object }));
  const observers = [
    (answered: Answered): void => note(answered),
    jsonLog((line) => told.push(line)),
    analytics({ writeDataPoint: note }),
  ];
  const onEvent = (event: ProxyEvent): void => note(event);
  const proxy = createProxy({
    upstream: "http://upstream.invalid/prefix",
    cors: { origins: "*" },
    ...options,
    onEvent,
    watch: watch(observers),
    trust,
  });
  const answer = new Response(`{"${WORD}":1}`, { headers: { "set-cookie": WORD, "x-own": WORD } });
  const real = globalThis.fetch;
  globalThis.fetch = (() => isAway ? Promise.reject(chatty()) : Promise.resolve(answer)) as unknown as typeof fetch;
  try {
    const init = { method, headers: { ...HEADERS, ...more }, ...(body !== undefined && { body: body as BodyInit }) };
    const { headers } = await proxy.fetch(new Request(`http://proxy.test${path}`, init));
    for (const name of ["x-edge-request-id", "server-timing", "timing-allow-origin"]) {
      told.push(headers.get(name) ?? "");
    }
  } finally {
    globalThis.fetch = real;
  }
  return told;
}

const codes = new Set<string>();

for (const [name, settings] of Object.entries(SETTINGS)) {
  describe(`nothing is told that is nobody's business: ${name}`, () => {
    for (const [at, request] of REQUESTS.entries()) {
      test(`${at}: ${request[0]} ${request[1].slice(0, 40)}`, async () => {
        const told = await toldOf(request, settings);
        assert.ok(told.length >= 6, "hardly anything was told");
        for (const text of told) {
          for (const secret of SECRETS) assert.doesNotMatch(text, secret);
          for (const [code] of text.matchAll(/edge_\w+/g)) codes.add(code);
        }
      });
    }
  });
}

test("and most refusals there are were among them", () => {
  const seen = Object.keys(REFUSALS).filter((code) => codes.has(code));
  assert.ok(seen.length >= 24, `only ${seen.join()}`);
});
