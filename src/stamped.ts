/**
 * The two routes that are stamped: a session's creation, and its messages.
 *
 * @module
 */
import { decodeBody, readBody, readString, refuseEncoded, scanAppend, scanCreate, tooLarge } from "./body.ts";
import { type Call, forward, headersOf, isGuarded, liveSignals, type Stampable, tell } from "./call.ts";
import { chatsOf, guardPayload, guardRecord } from "./guard.ts";
import type { Carried } from "./heads.ts";
import { lengthOf } from "./held.ts";
import { PLACES } from "./routes.ts";
import type { Shape } from "./shapes.ts";
import { member, type Source, type Value } from "./scan.ts";
import { splice } from "./splice.ts";
import { toJson } from "./stamp.ts";
import { tripwire } from "./tripwire.ts";

const PART_ID = "x-part-id";

/** `POST /api/v1/sessions`: stamps `triggerConfig.basePayload.metadata`. */
export async function stampCreate(call: Call): Promise<Response> {
  const { createBodyBytes, nestingDepth } = call.config.limits;
  const headers = headersOf(call);
  const source = decodeBody(await hold(call, createBodyBytes));
  const root = scanCreate(source, shapeOf(call, "create"), nestingDepth);
  const payload = member(member(root, "triggerConfig"), "basePayload");
  // The upstream's schema trims it.
  const chat = readString(source, member(root, "externalId"))?.trim();
  if (isGuarded(call)) {
    guardPayload(source, payload, chat === undefined ? [] : [chat], call.config.allowSystemMessages);
  }
  return stamp(call, { use: "create", source, root, payload, chat, limitBytes: createBodyBytes }, headers);
}

/** `POST /realtime/v1/sessions/{session}/in/append`: stamps `payload.metadata` of a message; other records pass. */
export async function stampAppend(call: Call, session: string): Promise<Response> {
  const { appendBodyBytes, nestingDepth } = call.config.limits;
  // The upstream stores a record once for each part id, so an append that has one may be sent again.
  // An empty one is none to it.
  const given = call.request.headers.get(PART_ID);
  const partId = given || crypto.randomUUID();
  const headers = partId === given ? headersOf(call) : headersOf(call, [PART_ID, partId]);
  const bytes = await hold(call, appendBodyBytes);
  const source = decodeBody(bytes);
  const { root, isMessage } = scanAppend(source, shapeOf(call, "append"), nestingDepth);
  if (root === undefined || !isMessage) {
    if (isGuarded(call)) {
      guardRecord(source, root);
      tripwire(source.text, call.config.namespace);
    }
    return forward(call, { headers, body: bytes, carried: true, repeatable: true });
  }
  const chats = chatsOf(session, call.authorization);
  const payload = member(root, "payload");
  if (isGuarded(call)) guardPayload(source, payload, chats, call.config.allowSystemMessages);
  return stamp(
    call,
    { use: "append", source, root, payload, chat: chatOf(call, chats, source, payload), limitBytes: appendBodyBytes },
    headers,
    partId,
  );
}

/** The chat that a message is for: the one that its payload names, where the caller may name it. */
function chatOf(call: Call, chats: readonly string[], source: Source, payload: Value | undefined): string | undefined {
  const named = readString(source, member(payload, "chatId"));
  return named !== undefined && (call.caller === "server" || chats.includes(named)) ? named : chats.at(-1);
}

/** The body has arrived whole: it is carried through, though its sender may leave while the signals are read. */
function stamp(call: Call, body: Stampable, headers: Carried, partId?: string): Promise<Response> {
  const work = stampHeld(call, body, headers, partId);
  call.platform?.waitUntil?.(work.catch(() => {}));
  return work;
}

async function stampHeld(call: Call, body: Stampable, headers: Carried, partId?: string): Promise<Response> {
  const { config, plugs } = call;
  const json = plugs === undefined ? toJson(await liveSignals(call)) : await plugs.stamp(call, body, partId);
  const spliced = splice(body.source, body.root, PLACES[body.use], config.namespace, json);
  const bodyBytes = lengthOf(spliced);
  if (bodyBytes > body.limitBytes) throw tooLarge(bodyBytes, body.limitBytes, "with its stamp ");
  tell(call, { type: "stamped", bodyBytes });
  return forward(call, { headers, body: spliced, carried: true, repeatable: body.use === "append" });
}

function hold(call: Call, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  refuseEncoded(call.request.headers);
  return readBody(call.request, limitBytes, call.config.limits.bodyTimeoutMs);
}

/** Judged and sealed payloads need more found in them than the place. */
function shapeOf(call: Call, use: "create" | "append"): Shape {
  const { shapes } = call.config;
  return isGuarded(call) || call.plugs !== undefined ? shapes[use].full : shapes[use].bare;
}
