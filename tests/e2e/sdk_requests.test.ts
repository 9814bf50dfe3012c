/**
 * What the SDK sends, written down in `sdk_requests.json`: the requests that a proxy must let through unharmed. A new
 * version of the SDK that sends something else fails here. `UPDATE_SDK_REQUESTS=1` writes the file anew.
 */

import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { after, before, it } from "node:test";
import { configure } from "@trigger.dev/sdk";
import { type RecordedRequest, recordRequests } from "../../dev/record.ts";
import { type Local, startLocal } from "../../dev/serve.ts";
import { browserCaptures, type Capture, pageCaptures, serverCaptures } from "./captures.ts";
import { realtimeCaptures } from "./realtime_captures.ts";

const FILE = new URL("./sdk_requests.json", import.meta.url);

interface Captured {
  readonly call: string;
  readonly sender: "client" | "agent";
  readonly request: RecordedRequest;
}

let local: Local;
let heard: RecordedRequest[] = [];

before(async () => {
  local = await startLocal({ bundle: true, wrap: (fetch) => recordRequests(fetch, (request) => heard.push(request)) });
  configure({ baseURL: local.url, accessToken: local.environment.secretKey });
});
after(() => local.close());

it("the SDK's clients send what is written down", { timeout: 180_000 }, async () => {
  const captured: Captured[] = [];
  for (
    const [call, run] of [
      ...browserCaptures(local),
      ...serverCaptures(local),
      ...pageCaptures(local),
      ...realtimeCaptures(local),
    ] satisfies Capture[]
  ) {
    heard = [];
    await run();
    // The agent's requests come when they come; only the client's own are in order.
    captured.push(
      ...distinct(heard.filter((request) => !isAgents(request))).map((request) => ({
        call,
        sender: "client" as const,
        request,
      })),
    );
    agents.push(...heard.filter(isAgents).map(anyChat));
  }
  captured.push(
    ...distinct(agents).sort(byPath).map((request) => ({ call: "the agent's run", sender: "agent" as const, request })),
  );
  const text = `${JSON.stringify(captured, null, 1)}\n`;
  if (process.env["UPDATE_SDK_REQUESTS"] === "1") await writeFile(FILE, text);
  assert.deepEqual(JSON.parse(text), JSON.parse(await readFile(FILE, "utf8")));
});

const agents: RecordedRequest[] = [];

/** The SDK marks what it sends from within a run; the store and the object store are only used from there. */
function isAgents({ headers, path }: RecordedRequest): boolean {
  return headers["x-trigger-worker"] === "true" || path.startsWith("/s2/") || path.startsWith("/objects/");
}

/** Which chat the agent runs for makes no difference. */
const anyChat = (request: RecordedRequest) => ({ ...request, path: request.path.replace(/chat-[a-z]+/, "<chat>") });

const byPath = (a: RecordedRequest, b: RecordedRequest) => key(a) < key(b) ? -1 : 1;
const key = ({ method, path }: RecordedRequest) => `${path} ${method}`;

/** One of each kind, with what differs from run to run replaced. */
function distinct(requests: readonly RecordedRequest[]): RecordedRequest[] {
  const kinds = new Map<string, RecordedRequest>();
  for (const request of requests.map(normalise)) {
    const kind = isAgents(request) ? key(request) : JSON.stringify(request);
    if (!kinds.has(kind)) kinds.set(kind, isAgents(request) ? { ...request, body: shape(request.body) } : request);
  }
  return [...kinds.values()];
}

const VARYING: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "<uuid>"],
  [/session_[0-9a-z]{21}/g, "<session id>"],
  [/run_[0-9a-z]{21}/g, "<run id>"],
  [/batch_[0-9a-z]{21}/g, "<batch id>"],
  [/waitpoint_[0-9a-z]{21}/g, "<token id>"],
  [/signature_[0-9a-z]{21}/g, "<signature>"],
  [/call_[0-9a-f]{8}/g, "<tool call id>"],
  [/(msg|steer)-\d+(-[0-9a-z]+)?/g, "<$1 id>"],
  [/127\.0\.0\.1:\d+/g, "<upstream>"],
];
/** What names the machine, or is a number that depends on what was said before. */
const VARYING_HEADERS: Readonly<Record<string, string>> = {
  "content-length": "<bytes>",
  "last-event-id": "<seq>",
  "user-agent": "<runtime>",
  "accept-encoding": "<runtime>",
};

function normalise(request: RecordedRequest): RecordedRequest {
  let text = JSON.stringify(request);
  for (const [pattern, name] of VARYING) text = text.replaceAll(pattern, name);
  const { headers, body, path, ...rest } = JSON.parse(text) as RecordedRequest;
  const named = Object.entries(headers).map(([name, value]) => [name, VARYING_HEADERS[name] ?? nanoid(value)]);
  return {
    ...rest,
    path: live(path.replace(/afterEventId=\d+/, "afterEventId=<seq>")),
    headers: Object.fromEntries(named),
    body: withoutIds(body),
  };
}

/** A live query: where it is depends on what was told before. */
const live = (path: string) =>
  path.replace(/cursor=\d*/, "cursor=<cursor>").replace(/offset=\d+_\d+/, "offset=<offset>").replace(
    /runs_\d+_/,
    "runs_<since>_",
  );

const nanoid = (value: string) => (/^[\w-]{21}$/.test(value) ? "<nanoid>" : value);

/** Ids of messages and approvals that the AI SDK makes up. */
function withoutIds(value: unknown): unknown {
  if (typeof value === "string") {
    return /^(?=.*[A-Z])[\w]{16}$/.test(value) || /^aitxt-[\w]{24}$/.test(value) ? "<ai id>" : value;
  }
  if (Array.isArray(value)) return value.map(withoutIds);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withoutIds(inner)]));
}

/** The shape of a body whose content varies: names, and the kinds of their values. */
function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shape);
  if (typeof value !== "object" || value === null) return value === null ? null : `<${typeof value}>`;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, shape(inner)]));
}
