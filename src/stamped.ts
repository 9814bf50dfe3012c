/**
 * The two routes that are stamped: a session's creation, and its messages.
 *
 * @module
 */
import { decodeBody, readBody, readString, refuseEncoded, scanAppend, scanCreate, tooLarge } from "./body.ts";
import { type Call, forward, headersOf, isGuarded, tell } from "./call.ts";
import { Refusal } from "./errors.ts";
import { chatsOf, guardPayload, guardRecord } from "./guard.ts";
import type { AdmitCall, Resolved, StampContext } from "./ports.ts";
import { PLACES } from "./routes.ts";
import type { Shape } from "./shapes.ts";
import { member, type Source, textOf, type Value } from "./scan.ts";
import { splice } from "./splice.ts";
import { makeStamp } from "./stamp.ts";
import { tripwire } from "./tripwire.ts";
import { readSignals, type Signals } from "./trust.ts";

const PART_ID = "x-part-id";

/** What a body turned out to be: where its stamp goes, and what it is about. */
interface Stampable {
  readonly use: "create" | "append";
  readonly source: Source;
  readonly root: Value;
  readonly payload: Value | undefined;
  readonly chat: string | undefined;
  readonly limitBytes: number;
}

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
  const headers = headersOf(call);
  const bytes = await hold(call, appendBodyBytes);
  const source = decodeBody(bytes);
  const { root, isMessage } = scanAppend(source, shapeOf(call, "append"), nestingDepth);
  // The upstream stores a record once for each part id, so an append that has one may be sent again.
  if (!headers.has(PART_ID)) headers.set(PART_ID, crypto.randomUUID());
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
  );
}

/** The chat that a message is for: the one that its payload names, where the caller may name it. */
function chatOf(call: Call, chats: readonly string[], source: Source, payload: Value | undefined): string | undefined {
  const named = readString(source, member(payload, "chatId"));
  return named !== undefined && (call.caller === "server" || chats.includes(named)) ? named : chats.at(-1);
}

/** The body has arrived whole: it is carried through, though its sender may leave while the signals are read. */
function stamp(call: Call, body: Stampable, headers: Headers): Promise<Response> {
  const work = stampHeld(call, body, headers);
  call.platform?.waitUntil?.(work.catch(() => {}));
  return work;
}

async function stampHeld(call: Call, body: Stampable, headers: Headers): Promise<Response> {
  const { config } = call;
  const { signals, via } = await resolve(call, body);
  await admit(call, signals, { use: body.use, chat: body.chat, via });
  const json = await makeStamp(signals, config.seal, () => contextOf(body, headers.get(PART_ID)));
  const spliced = splice(body.source, body.root, PLACES[body.use], config.namespace, json);
  if (spliced.length > body.limitBytes) throw tooLarge(spliced.length, body.limitBytes, "with its stamp ");
  tell(call, { type: "stamped", bodyBytes: spliced.length });
  return forward(call, { headers, body: spliced, carried: true, repeatable: body.use === "append" });
}

async function hold(call: Call, limitBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  refuseEncoded(call.request.headers);
  return await readBody(call.request, limitBytes, call.config.limits.bodyTimeoutMs);
}

/** Judged and sealed payloads need more found in them than the place. */
function shapeOf(call: Call, use: "create" | "append"): Shape {
  const { shapes, seal, pass, admit } = call.config;
  return isGuarded(call) || (seal ?? pass ?? admit) !== undefined ? shapes[use].full : shapes[use].bare;
}

async function resolve(call: Call, body: Stampable): Promise<Resolved> {
  const { config, request, platform, caller } = call;
  const signals = (): Promise<Signals | null> => liveSignals(call);
  if (config.pass === undefined) return { signals: await signals(), via: caller === "server" ? "server" : "direct" };
  // An empty header is what is left where a client had nothing to put into it.
  const pass = request.headers.get("x-edge-pass") || passInBody(call, body);
  return await config.pass.resolve(pass, { request, platform, caller, chat: body.chat, signals });
}

/**
 * A server's pass may also be where the stamp will be: the SDK's head start sends what it was given
 * of a body, and has no header of its own for one call (`chat.headStart`, 4.8.3). No trust comes of
 * it: a pass proves itself, and whatever is in that place is replaced.
 */
function passInBody({ caller, config }: Call, { source, payload }: Stampable): string | null {
  if (caller !== "server") return null;
  return readString(source, member(member(payload, "metadata"), config.namespace)) ?? null;
}

/** The provider's signals; `null` where they cannot be read and the options say so. */
export async function liveSignals({ config, reader, request, platform, watch }: Call): Promise<Signals | null> {
  watch?.begin("trust");
  try {
    const signals = await readSignals(reader, request, platform, config.trustTimeoutMs);
    watch?.end("trust");
    return signals;
  } catch (error) {
    if (config.onTrustError === "null" && error instanceof Refusal) return null;
    throw error;
  }
}

/** Asks the `admit` hook. Throws where it does not let the call in. */
export async function admit(
  call: Call,
  signals: Signals | null,
  about: Pick<AdmitCall, "use" | "chat" | "via">,
): Promise<void> {
  if (call.config.admit === undefined) return;
  const { caller, request, platform } = call;
  const verdict = await call.config.admit(signals, { ...about, caller, request, platform });
  if (verdict.admit) return;
  switch (verdict.reason) {
    case "forbidden":
      throw new Refusal("edge_admit_forbidden");
    case "rate_limited":
      throw new Refusal("edge_admit_rate_limited", { headers: { "retry-after": String(verdict.retryAfterSeconds) } });
    case "challenge":
      throw new Refusal("edge_admit_challenge", { fields: { challenge: verdict.challenge } });
  }
}

function contextOf({ use, source, payload, chat }: Stampable, partId: string | null): StampContext {
  const message = member(payload, "message");
  const action = member(payload, "action");
  return {
    use,
    chat,
    partId: partId ?? undefined,
    trigger: readString(source, member(payload, "trigger")),
    messageId: readString(source, member(payload, "messageId")) ?? readString(source, member(message, "id")),
    messageJson: message && textOf(source, message),
    actionJson: action && textOf(source, action),
  };
}
