/** Requests that try to get a forged stamp past the proxy, or something else that a public token may not have. */
import * as fc from "fast-check";
import type { RawRequest } from "../conformance/client.ts";
import { appendDocs, createDocs } from "../unit/properties/chat_docs.ts";
import { type Doc, docs, object, readTape, string, tapes, toDoc, write } from "../unit/properties/spelling.ts";
import { NAMESPACE } from "../unit/properties/through_proxy.ts";
import { authorizations, bodyFields, hostFields, targets } from "./spellings.ts";

/** What every forgery claims. */
export const FORGED = { botScore: 99 } as const;

type Aim = readonly [method: string, path: string, body: fc.Arbitrary<Doc>];

const SESSION = "/realtime/v1/sessions/chat-1";
const forgery = toDoc({ [NAMESPACE]: FORGED });
const chatMetadata = fc.constantFrom<Doc>(
  forgery,
  toDoc({ a: 1 }),
  toDoc({}),
  toDoc(null),
  string(JSON.stringify({ [NAMESPACE]: FORGED })),
  toDoc([{ [NAMESPACE]: FORGED }]),
  object(["__proto__", forgery]),
  object([NAMESPACE, toDoc(FORGED)], [NAMESPACE, toDoc(1)]),
);
/** A payload with all that a real one has, so that what is odd about it is alone. */
const chats = fc.oneof(
  { weight: 6, arbitrary: fc.constant("chat-1") },
  fc.constantFrom(" chat-1", "a/b", "a%2Fb", "a%252Fb"),
);
const payload = fc.tuple(chats, chatMetadata, fc.constantFrom<Doc | undefined>(undefined, undefined, forgery)).map((
  [chat, metadata, again],
) =>
  object(
    ["chatId", string(chat)],
    ["message", toDoc({ id: "m-1", role: "user", parts: [{ type: "text", text: `about "${NAMESPACE}"` }] })],
    ["metadata", metadata],
    ...(again === undefined ? [] : [["metadata", again] as const]),
  )
);
const appends = fc.oneof(
  { weight: 3, arbitrary: payload.map((inner) => object(["kind", string("message")], ["payload", inner])) },
  appendDocs,
);
const CREATE = [["type", string("chat.agent")], ["taskIdentifier", string("chat")]] as const;
const creates = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(chats, payload).map(([chat, inner]) =>
      object(...CREATE, ["externalId", string(chat)], ["triggerConfig", object(["basePayload", inner])])
    ),
  },
  createDocs.map((doc) => doc.type === "object" ? object(...CREATE, ...doc.members) : doc),
);
const COPIED = {
  json: { metadata: { mine: FORGED } },
  meta: { referentialEqualities: { "metadata.mine": [`metadata.${NAMESPACE}`] } },
};
/** What a task is triggered with: the forgery as it is, in a string, made by superjson, or not at all. */
const triggers = fc.oneof(
  docs(["payload", "metadata", NAMESPACE]),
  fc.constantFrom<Doc>(
    toDoc({ payload: { metadata: { [NAMESPACE]: FORGED } } }),
    toDoc({
      payload: JSON.stringify({ metadata: { [NAMESPACE]: FORGED } }),
      options: { payloadType: "application/json" },
    }),
    toDoc({ payload: JSON.stringify(COPIED), options: { payloadType: "application/super+json" } }),
    toDoc({ payload: "packets/forged.json", options: { payloadType: "application/store" } }),
    toDoc({ payload: { text: NAMESPACE } }),
  ),
);
const anything = fc.oneof(triggers, appends, creates);

const AIMS: readonly Aim[] = [
  ["POST", "/api/v1/sessions", creates],
  ["POST", `${SESSION}/in/append`, appends],
  ["POST", "/realtime/v1/sessions/session_abc/in/append", appends],
  ["POST", "/realtime/v1/sessions/chat%2D1/in/append", appends],
  ["POST", "/realtime/v1/sessions/a%2Fb/in/append", appends],
  ["POST", "/realtime/v1/sessions/a%252Fb/in/append", appends],
  ["PUT", `${SESSION}/in`, anything],
  ["PUT", `${SESSION}/out`, anything],
  ["PUT", `${SESSION}/channels/notes/in`, anything],
  ["PUT", "/api/v1/sessions/chat-1/snapshot-url", anything],
  ["POST", "/api/v1/sessions/chat-1/end-and-continue", anything],
  ["POST", "/api/v1/sessions/chat-1/close", creates],
  ["PUT", `${SESSION}/in/append`, anything],
  ["PUT", `${SESSION}/channels/notes/in/records`, anything],
  ["POST", `${SESSION}/out/append`, anything],
  ["POST", `${SESSION}/channels/notes/in/append`, anything],
  ["POST", "/api/v1/tasks/chat/trigger", triggers],
  ["POST", "/api/v3/batches/batch_1/items", triggers],
  ["POST", "/realtime/v1/streams/run_1/input/chat-messages", anything],
  ["POST", "/api/v1/waitpoints/tokens/waitpoint_1/complete", anything],
];
const aims = fc.oneof(
  { weight: 3, arbitrary: fc.constant(AIMS[0]!) },
  { weight: 4, arbitrary: fc.constantFrom(...AIMS.slice(1, 6)) },
  { weight: 4, arbitrary: fc.constantFrom(...AIMS.slice(6)) },
);

const BOM = "\ufeff";
const wraps = fc.oneof(
  { weight: 12, arbitrary: fc.constant((text: string) => text) },
  fc.constantFrom<(text: string) => string>(
    (text) => BOM + text,
    (text) => BOM + BOM + text,
    (text) => JSON.stringify(text),
    (text) => JSON.stringify(JSON.stringify(text)),
    (text) => ` ${JSON.stringify(BOM + text)}`,
    (text) => `[${text}]`,
    (text) => `${text}\n${text}`,
    (text) => `"\n${text}`,
    (text) => `${text}x`,
    (text) => `\u00a0${text}`,
    (text) => text.slice(0, -1),
    () => "",
  ),
);
/** A few bytes that are put in, or in the place of others. */
const patches = fc.oneof(
  { weight: 8, arbitrary: fc.constant([]) },
  fc.array(fc.record({ at: fc.nat(2000), drop: fc.nat(2), put: fc.uint8Array({ maxLength: 2 }) }), {
    minLength: 1,
    maxLength: 2,
  }),
);

interface Patch {
  readonly at: number;
  readonly drop: number;
  readonly put: Uint8Array;
}

function patch(bytes: Buffer, { at, drop, put }: Patch): Buffer {
  const start = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, start), put, bytes.subarray(start + drop)]);
}

const methods = fc.oneof(
  { weight: 15, arbitrary: fc.constant(undefined) },
  fc.constantFrom("POST", "PUT", "PATCH", "DELETE", "GET", "post", "Put", "OPTIONS"),
);

/** One hostile request. */
export const hostileRequests: fc.Arbitrary<RawRequest & { readonly body: Buffer }> = aims.chain((
  [method, path, docs],
) =>
  fc.record({
    method: methods.map((other) => other ?? method),
    target: targets(fc.constant(path)),
    fields: fc.tuple(hostFields, authorizations, bodyFields).map((groups) => groups.flat()),
    body: fc.tuple(docs, tapes(), wraps, patches).map(([doc, decisions, wrap, changes]) =>
      changes.reduce(patch, Buffer.from(wrap(write(doc, readTape(decisions)))))
    ),
    framing: fc.oneof(
      { weight: 8, arbitrary: fc.constant("length" as const) },
      fc.constantFrom("chunked" as const, "none" as const),
    ),
  })
);
