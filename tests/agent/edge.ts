/** The edge of the tests: a proxy with a seal, and an upstream that keeps what it was sent. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, type JWK } from "jose";
import type { UIMessage } from "ai";
import { createProxy, type Signals } from "../../mod.ts";
import { encrypted, type Sealer, signed } from "../../src/seal.ts";

export const SIGNALS = { botScore: 87, ja4: "t13d1516h2_8daaf6152771", country: "PT" };

/** A message as a transport sends it, or any other payload. */
export interface Payload {
  readonly chatId: string;
  readonly trigger: string;
  readonly message?: UIMessage;
  readonly messageId?: string;
  readonly action?: unknown;
  readonly headStartMessages?: readonly UIMessage[];
  readonly metadata?: Record<string, unknown>;
}

export interface Edge {
  /** The test's time, in milliseconds since 1970, for the proxy and for agents. */
  readonly clock: { ms: number };
  /** Sends a message as a browser does. Gives the payload as the upstream got it. */
  append(payload: Payload, partId?: string): Promise<Payload>;
  /** Creates a session as an app's server does. Gives the first run's payload, and the answer. */
  create(basePayload: Payload): Promise<Payload>;
  /** Seals with another sealer from now on. */
  sealWith(seal: Sealer | undefined): void;
  /** Reads other signals from now on. */
  tell(signals: Signals): void;
  /** Every body that the upstream was sent. */
  readonly bodies: string[];
  close(): Promise<void>;
}

export async function createEdge(makeSeal: (now: () => number) => Sealer | undefined): Promise<Edge> {
  const clock = { ms: Date.parse("2026-11-20T12:00:00Z") };
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(Buffer.concat(chunks).toString());
      response.setHeader("content-type", "application/json").end('{"ok":true}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A test that fails must not wait for it.
  server.unref();
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  let failure: unknown;
  let signals: Signals = SIGNALS;
  const proxyOf = (seal: Sealer | undefined) =>
    createProxy({
      upstream,
      trust: () => signals,
      ...(seal && { seal }),
      onEvent: (event) => failure = event.type === "failed" ? event.cause : undefined,
    });
  let proxy = proxyOf(makeSeal(() => clock.ms));
  const send = async (
    path: string,
    authorization: string,
    body: unknown,
    headers: Record<string, string> = {},
    // deno-lint-ignore no-explicit-any -- tests read of a stamped body what they please
  ): Promise<any> => {
    const init = { method: "POST", headers: { authorization, ...headers }, body: JSON.stringify(body) };
    const response = await proxy.fetch(new Request(`http://edge.test${path}`, init));
    if (response.status !== 200) {
      throw new Error(`the proxy answered ${response.status}: ${await response.text()}`, { cause: failure });
    }
    return JSON.parse(bodies.at(-1)!);
  };
  return {
    clock,
    bodies,
    append: async (payload, partId = crypto.randomUUID()) =>
      (await send(`/realtime/v1/sessions/${payload.chatId}/in/append`, "Bearer x.y.z", { kind: "message", payload }, {
        "x-part-id": partId,
      })).payload,
    create: async (basePayload) =>
      (await send("/api/v1/sessions", "Bearer tr_dev_key", {
        type: "chat.agent",
        externalId: basePayload.chatId,
        taskIdentifier: "agent",
        triggerConfig: { basePayload },
      })).triggerConfig.basePayload,
    sealWith: (seal) => proxy = proxyOf(seal),
    tell: (told) => signals = told,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A fresh pair for signing: the proxy's half and the agent's. */
export async function signingPair(kid: string): Promise<{ key: JWK; publicKey: JWK }> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const key = { ...await exportJWK(privateKey), kid };
  const { d: _, ...publicKey } = key;
  return { key, publicKey };
}

/** A fresh secret for encryption. */
export function secretKey(kid: string): JWK {
  return { kty: "oct", kid, k: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64url") };
}

/** Both modes: a sealer and what its agent needs. */
export async function modes(): Promise<{ name: string; seal: (now: () => number) => Sealer; keys: JWK[] }[]> {
  const { key, publicKey } = await signingPair("s1");
  const secret = secretKey("e1");
  return [
    { name: "signed", seal: (now) => signed({ key, now }), keys: [publicKey] },
    { name: "encrypted", seal: (now) => encrypted({ key: secret, now }), keys: [secret] },
  ];
}

let count = 0;

/** A message of the user's, as `useChat` makes one. */
export function userMessage(text: string, id = `u-${++count}`): UIMessage {
  return { id, role: "user", parts: [{ type: "text", text }] };
}

/** A submitted message. */
export function submit(
  chatId: string,
  text: string,
  metadata: Record<string, unknown> = { userId: "ada" },
): Payload & { message: UIMessage } {
  return { chatId, trigger: "submit-message", message: userMessage(text), metadata };
}
