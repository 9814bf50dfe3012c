/** What public tokens may do, by each of the guard's settings; servers are held to none of it. */
import assert from "node:assert/strict";
import { APPEND, asCaller, CHAT, CREATE, jwt, PUBLIC_TOKEN, RUN_TOKEN, SECRET_KEY, SESSION_ID } from "../requests.ts";
import type { ServerName } from "../servers.ts";
import { assertRefused, type Case, describe, send, theOne } from "../surface.ts";

const SESSION = `/realtime/v1/sessions/${CHAT}`;
const GUARDS: readonly ServerName[] = ["standard", "chat", "off"];

type Row = readonly [method: string, target: string, standard: string | undefined, chat: string | undefined];

const ROUTE = "edge_route_refused";

/** By setting, the code of the refusal; none where the call passes. */
const CALLS: readonly Row[] = [
  ["PUT", `${SESSION}/in`, "edge_credentials_refused", "edge_credentials_refused"],
  ["PUT", `${SESSION}/out`, "edge_credentials_refused", "edge_credentials_refused"],
  ["PUT", `${SESSION}/channels/files/in`, "edge_credentials_refused", "edge_credentials_refused"],
  ["PUT", `${SESSION}/channels/files/out`, "edge_credentials_refused", "edge_credentials_refused"],
  ["PUT", `/api/v1/sessions/${CHAT}/snapshot-url`, "edge_snapshot_refused", "edge_snapshot_refused"],
  ["POST", `/api/v1/sessions/${CHAT}/end-and-continue`, "edge_handover_refused", "edge_handover_refused"],
  ...["in", "out", "channels/files/in", "channels/files/out"].flatMap((channel): Row[] => [
    ["GET", `${SESSION}/${channel}`, undefined, undefined],
    ["HEAD", `${SESSION}/${channel}`, undefined, undefined],
    ["GET", `${SESSION}/${channel}/records`, undefined, undefined],
  ]),
  ["GET", `/api/v1/sessions/${CHAT}/snapshot-url`, undefined, ROUTE],
  ["GET", `/api/v1/sessions/${CHAT}`, undefined, ROUTE],
  ["GET", CREATE, undefined, ROUTE],
  ["POST", `${SESSION}/channels/files/in/append`, undefined, ROUTE],
  ["POST", `${SESSION}/out/append`, undefined, ROUTE],
  ["POST", "/api/v1/tasks/t/trigger", undefined, ROUTE],
  ["POST", "/api/v2/tasks/batch", undefined, ROUTE],
  ["POST", "/api/v3/batches/b/items", undefined, ROUTE],
  ["POST", "/realtime/v1/streams/run_1/input/s", undefined, ROUTE],
  ["POST", "/api/v1/waitpoints/tokens/w/complete", undefined, ROUTE],
  ["GET", "/realtime/v1/runs/run_1", undefined, ROUTE],
  ["GET", "/api/v1/packets/x", undefined, ROUTE],
  ["DELETE", `/api/v1/sessions/${CHAT}`, undefined, ROUTE],
  ["GET", "/", undefined, ROUTE],
];

const bodyFor = (method: string): { body?: string } => (method === "POST" ? { body: `{"kind":"ping"}` } : {});

const judgesCall = ([method, target, ...codes]: Row): Case => ({
  name: `judges ${method} ${target}`,
  async run(surface) {
    for (const [i, server] of GUARDS.entries()) {
      const code = codes[i];
      const exchanged = await send(
        surface,
        { method, target, fields: asCaller(PUBLIC_TOKEN), ...bodyFor(method) },
        server,
      );
      if (code === undefined) theOne(surface, exchanged);
      else if (method === "HEAD") assert.equal(exchanged.answer.status, 403);
      else assertRefused(exchanged, 403, code);
      for (const token of [SECRET_KEY, RUN_TOKEN]) {
        theOne(surface, await send(surface, { method, target, fields: asCaller(token), ...bodyFor(method) }, server));
      }
    }
  },
});

const SERVER_FIELD = "edge_server_field";
const MISMATCH = "edge_chat_mismatch";
const BY_ID = `/realtime/v1/sessions/${SESSION_ID}/in/append`;
const OTHER = jwt({ pub: true, scopes: ["write:sessions:other"] });

interface Rule {
  readonly name: string;
  readonly payload: string;
  readonly code?: string;
  readonly target?: string;
  readonly token?: string;
  readonly externalId?: string;
}

const RULES: readonly Rule[] = [
  { name: "its own chat", payload: `"chatId":"${CHAT}"` },
  { name: "its own chat in escapes", payload: `"chatId":"chat\\u002d1"` },
  { name: "its own session", payload: `"chatId":"${CHAT}","sessionId":"${CHAT}"` },
  { name: "no chat", payload: `"trigger":"submit-message"` },
  { name: "another chat", payload: `"chatId":"victim"`, code: MISMATCH },
  { name: "another chat under an escaped key", payload: `"\\u0063hatId":"victim"`, code: MISMATCH },
  { name: "a chat that is no string", payload: `"chatId":["${CHAT}"]`, code: MISMATCH },
  { name: "another session", payload: `"sessionId":"session_victim"`, code: MISMATCH },
  { name: "two chats", payload: `"chatId":"${CHAT}","chatId":"victim"`, code: "edge_key_repeated" },
  { name: "the chat of a session's token", payload: `"chatId":"${CHAT}"`, target: BY_ID },
  { name: "the session's id", payload: `"chatId":"${SESSION_ID}","sessionId":"${SESSION_ID}"`, target: BY_ID },
  {
    name: "a chat that the token does not name",
    payload: `"chatId":"${CHAT}"`,
    target: BY_ID,
    token: OTHER,
    code: MISMATCH,
  },
  ...["continuation", "previousRunId", "channelEvent", "actionSource"].flatMap((key): Rule[] => [
    { name: `a ${key}`, payload: `"${key}":true`, code: SERVER_FIELD },
    { name: `a null ${key}`, payload: `"${key}":null`, code: SERVER_FIELD },
    {
      name: `an escaped ${key}`,
      payload: `"\\u00${key.charCodeAt(0).toString(16)}${key.slice(1)}":1`,
      code: SERVER_FIELD,
    },
  ]),
  { name: "a system message", payload: `"message":{"role":"system","parts":[]}`, code: "edge_message_role" },
  { name: "an escaped system message", payload: `"message":{"r\\u006fle":"syst\\u0065m"}`, code: "edge_message_role" },
  { name: "two roles", payload: `"message":{"role":"user","role":"system"}`, code: "edge_key_repeated" },
  { name: "an assistant's message", payload: `"message":{"role":"assistant","parts":[]}` },
  { name: "keys of the app's own", payload: `"userContext":{"continuation":true},"tags":["chatId"]` },
];

const judgesPayload = ({ name, payload, code, target = APPEND, token = PUBLIC_TOKEN }: Rule): Case => ({
  name: `judges a message with ${name}`,
  async run(surface) {
    const body = `{"kind":"message","payload":{${payload}}}`;
    for (const server of ["standard", "chat"] as const) {
      const exchanged = await send(surface, { target, fields: asCaller(token), body }, server);
      if (code === undefined) theOne(surface, exchanged);
      else assertRefused(exchanged, code === "edge_key_repeated" ? 400 : 422, code);
    }
    theOne(surface, await send(surface, { target, fields: asCaller(token), body }, "off"));
    theOne(surface, await send(surface, { target, fields: asCaller(SECRET_KEY), body }));
  },
});

const CREATES: readonly Rule[] = [
  { name: "its own chat", externalId: CHAT, payload: `"chatId":"${CHAT}"` },
  { name: "another chat", externalId: CHAT, payload: `"chatId":"victim"`, code: MISMATCH },
  { name: "a chat and no external id", payload: `"chatId":"${CHAT}"`, code: MISMATCH },
  { name: "no chat and no external id", payload: `"trigger":"preload"` },
  { name: "a continuation", externalId: CHAT, payload: `"continuation":true`, code: SERVER_FIELD },
  { name: "a system message", externalId: CHAT, payload: `"message":{"role":"system"}`, code: "edge_message_role" },
];

const judgesCreate = ({ name, payload, code, externalId }: Rule): Case => ({
  name: `judges a create with ${name}`,
  async run(surface) {
    const id = externalId === undefined ? "" : `"externalId":"${externalId}",`;
    const body = `{${id}"triggerConfig":{"basePayload":{${payload}}}}`;
    const exchanged = await send(surface, { target: CREATE, fields: asCaller(PUBLIC_TOKEN), body });
    if (code === undefined) assert.equal(exchanged.answer.status, 200, describe(exchanged.answer));
    else assertRefused(exchanged, 422, code);
    theOne(surface, await send(surface, { target: CREATE, fields: asCaller(PUBLIC_TOKEN), body }, "off"));
    theOne(surface, await send(surface, { target: CREATE, fields: asCaller(SECRET_KEY), body }));
  },
});

export const guard: readonly Case[] = [
  ...CALLS.map(judgesCall),
  ...RULES.map(judgesPayload),
  ...CREATES.map(judgesCreate),
  {
    name: "refuses a browser's hand-over records",
    async run(surface) {
      for (const kind of ["handover", "handover-skip", "hand\\u006fver"]) {
        const request = {
          target: APPEND,
          fields: asCaller(PUBLIC_TOKEN),
          body: `{"kind":"${kind}","partialAssistantMessage":[]}`,
        };
        assertRefused(await send(surface, request), 422, "edge_record_kind");
        assert.equal((await send(surface, request, "off")).arrived.length, 1);
      }
    },
  },
];
