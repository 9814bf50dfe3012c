/** What holds for everything that the stack behind a proxy accepts. */
import assert from "node:assert/strict";
import { CreateSessionRequestBody, parsePacket } from "@trigger.dev/core/v3";
import type { GuardSetting } from "../../mod.ts";
import { NAMESPACE, STAMP } from "../unit/properties/through_proxy.ts";
import { firstWins, hasKey, messagesIn } from "./sdk_reader.ts";
import type { Accepted } from "./upstream_actions.ts";

/** What a public token may reach where it may only chat. */
const CHAT_ROUTES = ["api.v1.sessions", "realtime.v1.sessions.$session.$io.append"];
const REFUSED = [
  "realtime.v1.sessions.$session.$io",
  "realtime.v1.sessions.$session.channels.$name.$io",
  "api.v1.sessions.$sessionId.snapshot-url",
  "api.v1.sessions.$session.end-and-continue",
];

/** Throws where one accepted request breaks a promise. `sent` is the body as it was sent to the proxy, where that is known. */
export async function assertPromises(accepted: Accepted, guard: GuardSetting, sent?: Uint8Array): Promise<void> {
  const { route, isPrivate, params, headers, body } = accepted;
  for (const name of ["cookie", "forwarded", "x-forwarded-host"]) assert.equal(headers[name], undefined);
  const isGuarded = !isPrivate && guard !== "off";
  if (route === "api.v1.sessions") return assertCreate(body, isGuarded);
  if (route === "realtime.v1.sessions.$session.$io.append" && params["io"] === "in") {
    await assertAppend(body, isGuarded ? params["session"] : undefined);
  }
  if (!isGuarded) {
    if (sent === undefined || CHAT_ROUTES.includes(route)) return;
    // Node's own `request.text()` drops up to two byte order marks.
    const text = new TextDecoder().decode(sent).replace(/^\ufeff/, "");
    assert.equal(body.replace(/^\ufeff/, ""), text, "not stamped, and yet not the same");
    return;
  }
  assert.ok(!REFUSED.includes(route), "a public token got what it may not have");
  if (guard === "chat") {
    assert.ok(CHAT_ROUTES.includes(route), `a public token did more than chat: ${accepted.method} ${accepted.url}`);
  }
  if (!CHAT_ROUTES.includes(route)) await assertNoKey(body);
}

/** A create carries our stamp, whoever reads it; and a public token's names no chat but its own. */
function assertCreate(body: string, isGuarded: boolean): void {
  const readings = [JSON.parse(body), firstWins(body), CreateSessionRequestBody.parse(JSON.parse(body))];
  const { externalId } = readings[2];
  for (const { triggerConfig: { basePayload } } of readings) {
    assertStamped(basePayload.metadata);
    if (isGuarded) assertChat(basePayload, externalId);
  }
}

/** Whatever a reader takes for a message carries our stamp; and a public token's names no chat but the path's. */
async function assertAppend(body: string, session: string | undefined): Promise<void> {
  for (const payload of await messagesIn(body)) {
    assertStamped((payload as { metadata?: unknown } | null)?.metadata);
    // Where the path has the session's own id, only the upstream knows which chat that is.
    if (session?.startsWith("session_") === false) assertChat(payload as object, session);
  }
}

function assertChat(payload: { chatId?: unknown; sessionId?: unknown }, chat: string | undefined): void {
  for (const id of [payload.chatId, payload.sessionId]) {
    assert.ok(
      id === undefined || id === chat,
      `the payload names ${JSON.stringify(id)} and the request ${JSON.stringify(chat)}`,
    );
  }
}

function assertStamped(metadata: unknown): void {
  assert.ok(typeof metadata === "object" && metadata !== null, "there is no metadata");
  assert.ok(Object.hasOwn(metadata, NAMESPACE), "there is no stamp");
  assert.deepEqual((metadata as Record<string, unknown>)[NAMESPACE], STAMP);
  assert.ok(!Object.hasOwn(metadata, "__proto__"));
}

/** Where nothing is stamped, no reader finds the namespace as a key: in the whole, in a line, in what superjson makes. */
async function assertNoKey(body: string): Promise<void> {
  for (const text of [body, ...body.split("\n")]) {
    let value: { payload?: unknown; options?: { payloadType?: unknown } } | null;
    try {
      value = JSON.parse(text);
    } catch {
      continue;
    }
    assert.ok(!hasKey(value, NAMESPACE), "the namespace came through where nothing is stamped");
    const payload = value?.payload;
    const dataType = value?.options?.payloadType;
    assert.notEqual(dataType, "application/store");
    if (dataType !== "application/super+json" || typeof payload !== "string") continue;
    assert.ok(
      !hasKey(await parsePacket({ data: payload, dataType }).catch(() => undefined), NAMESPACE),
      "superjson made the namespace",
    );
  }
}

/** The refusals that say that the proxy itself failed. */
export function assertNoFailure(status: number, body: Buffer): void {
  if (status < 500) return;
  assert.doesNotMatch(
    body.toString(),
    /"code":"edge_(?:internal|misconfigured|trust_unavailable|upstream)/,
    `the proxy answered ${status}`,
  );
}
