/** A local Trigger.dev, proxies before it, and browsers that are told what the edge sees of them. */

import { configure } from "@trigger.dev/sdk";
import { chat } from "@trigger.dev/sdk/ai";
import { TriggerChatTransport } from "@trigger.dev/sdk/chat";
import type { UIMessage } from "ai";
import { serve } from "srvx/node";
import { AGENT_ID } from "../../dev/agent.ts";
import { type Local, startLocal } from "../../dev/serve.ts";
import { createProxy, type Options, type ProxyEvent, type Signals } from "../../mod.ts";
import { type Client, createClient } from "../../src/client.ts";
import { startSession } from "../../src/server.ts";
import { readTurn, type Turn } from "../e2e/clients.ts";

export const KEY = { kty: "oct", kid: "test", k: "Ks9cVtJ0e1n3mWZp8yQ5uLrXfB2dGhT7aEoIvNxC4wY" };
export const NAMESPACE = "__cf";

/** What the edge sees of a browser, and what it sees of the app's server. */
export const BROWSER: Signals = {
  botScore: 88,
  ja4: "t13d1516h2_8daaf6152771_b186095e22b6",
  asn: 64500,
  country: "NL",
};
export const SERVER: Signals = { botScore: 40, ja4: "t13d1713h1_5b57614c22b0_3d5424432f57", asn: 16509, country: "US" };
export const FORGED: Signals = { botScore: 99, ja4: "forged", asn: 1, country: "XX" };

/** The header by which a test tells the proxy what it sees. Without it, it sees the app's server. */
const EDGE_HEADER = "x-test-edge";

export interface World {
  readonly local: Local;
  /** The stamps of the creations and messages of a chat that reached Trigger.dev, in their order. */
  stamps(chatId: string): { create: unknown[]; append: unknown[] };
  openProxy(options: Partial<Options>): Promise<TestProxy>;
  close(): Promise<void>;
}

export interface TestProxy {
  readonly world: World;
  readonly url: string;
  readonly events: ProxyEvent[];
}

export async function openWorld(): Promise<World> {
  const seen: { use: "create" | "append"; chatId: string; stamp: unknown }[] = [];
  const write = (
    use: "create" | "append",
    payload: { chatId?: string; metadata?: Record<string, unknown> } | undefined,
  ) => {
    if (payload?.chatId !== undefined) seen.push({ use, chatId: payload.chatId, stamp: payload.metadata?.[NAMESPACE] });
  };
  const local = await startLocal({
    namespace: NAMESPACE,
    onCreate: ({ triggerConfig }) => write("create", triggerConfig.basePayload),
    onAppend: ({ io, channel, text }) => {
      const record = io === "in" && channel === undefined ? JSON.parse(text) : undefined;
      if (record?.kind === "message") write("append", record.payload);
    },
  });
  const servers: { close(force: boolean): Promise<void> }[] = [];
  const world: World = {
    local,
    stamps(chatId) {
      const of = (use: string) => seen.flatMap((one) => one.use === use && one.chatId === chatId ? [one.stamp] : []);
      return { create: of("create"), append: of("append") };
    },
    async openProxy(options) {
      const events: ProxyEvent[] = [];
      const proxy = createProxy({
        upstream: local.url,
        namespace: NAMESPACE,
        onEvent: (event) => events.push(event),
        trust: {
          name: "test",
          consumes: [EDGE_HEADER],
          read: ({ headers }) => JSON.parse(headers.get(EDGE_HEADER) ?? JSON.stringify(SERVER)),
        },
        ...options,
      });
      const server = serve({
        fetch: (request) => proxy.fetch(request),
        port: 0,
        hostname: "127.0.0.1",
        silent: true,
        gracefulShutdown: false,
      });
      await server.ready();
      servers.push(server);
      return { world, url: server.url!.replace(/\/$/, ""), events };
    },
    async close() {
      await Promise.all(servers.map((server) => server.close(true)));
      await local.close();
    },
  };
  return world;
}

export interface BrowserOptions {
  readonly signals?: Signals;
  readonly chatId?: string;
  readonly solve?: (challenge: unknown) => Promise<string>;
  /** How the page starts its session. Default: a server action with the browser's pass. */
  readonly start?: "with a pass" | "without a pass";
}

export interface Browser {
  readonly chatId: string;
  readonly edge: Client;
  readonly transport: TriggerChatTransport;
  /** What the edge sees from now on. */
  signals: Signals;
  /** What this page sent, as the proxy was sent it. */
  readonly sent: { url: string; pass: string | null; partId: string | null }[];
  say(text: string): Promise<Turn>;
}

/** The app's server: a server action that creates sessions, pointed at a proxy. */
export function serverAction({ url, world }: TestProxy) {
  configure({ baseURL: url, accessToken: world.local.environment.secretKey });
  return startSession(AGENT_ID, { chat, baseURL: url, namespace: NAMESPACE });
}

/** A page with the SDK's own transport and edgestamp's client. */
export function openBrowser(proxy: TestProxy, options: BrowserOptions = {}): Browser {
  const { chatId = `chat-${crypto.randomUUID().slice(0, 8)}`, solve, start = "with a pass" } = options;
  const action = serverAction(proxy);
  const sent: Browser["sent"] = [];
  const edge = createClient({
    proxy: proxy.url,
    ...(solve && { solve }),
    fetch: (input, init) => {
      const headers = new Headers(init?.headers);
      sent.push({ url: String(input), pass: headers.get("x-edge-pass"), partId: headers.get("x-part-id") });
      headers.set(EDGE_HEADER, JSON.stringify(browser.signals));
      return fetch(input, { ...init, headers });
    },
  });
  /** As a page calls the action that has no client helper. */
  const withoutPass = async ({ chatId, clientData }: { chatId: string; clientData: Record<string, unknown> }) => {
    const answer = await action({ chatId, clientData });
    if ("refused" in answer) throw new Error(answer.refused.code);
    return answer;
  };
  const transport = new TriggerChatTransport({
    task: AGENT_ID,
    baseURL: proxy.url,
    fetch: edge.fetch,
    accessToken: () => Promise.reject(new Error("the transport asked for another token")),
    startSession: start === "with a pass" ? edge.startSession(action) : withoutPass,
    clientData: { userId: "user-1", [NAMESPACE]: FORGED },
  });
  const messages: UIMessage[] = [];
  const browser: Browser = {
    chatId,
    edge,
    transport,
    signals: options.signals ?? BROWSER,
    sent,
    async say(text) {
      messages.push({ id: crypto.randomUUID(), role: "user", parts: [{ type: "text", text }] });
      return readTurn(
        await transport.sendMessages({
          trigger: "submit-message",
          chatId,
          messageId: undefined,
          messages,
          abortSignal: undefined,
        }),
      );
    },
  };
  return browser;
}

/** How many runs a chat has had. */
export function runsOf({ local }: World, chatId: string): number {
  return local.runs.list().filter(({ tags }) => tags.includes(`chat:${chatId}`)).length;
}
