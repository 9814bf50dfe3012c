/**
 * The page's own server: its files, the app's server half (which starts sessions and renews tokens with the secret key),
 * and the inspector's facts as an event stream.
 */

import { serve } from "srvx/node";
import type { Inspector } from "../inspector.ts";
import type { PageConfig } from "../inspector_facts.ts";
import { type PageFiles, readFiles } from "./files.ts";

export interface PageOptions {
  readonly files: PageFiles;
  /** 0 for any free one. */
  readonly port: number;
  readonly inspector: Inspector;
  readonly secretKey: string;
  /** Known when all servers listen. */
  readonly config: Promise<PageConfig>;
}

export interface PageServer {
  readonly url: string;
  /** Whether the page had to be built. */
  readonly isNew: boolean;
  close(): Promise<void>;
}

/** How often an idle event stream is kept alive. */
const HEARTBEAT_MS = 15_000;

export async function servePage(options: PageOptions): Promise<PageServer> {
  const { dir, isNew } = options.files;
  const file = await readFiles(dir);
  const app = appRoutes(options);
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname } = new URL(request.url);
    const handler = app[`${request.method} ${pathname}`];
    if (handler !== undefined) return handler(request);
    return file(pathname) ?? new Response("There is no such page: open /", { status: 404 });
  };
  const server = serve({ fetch, port: options.port, hostname: "127.0.0.1", silent: true, gracefulShutdown: false });
  await server.ready();
  return { url: (server.url ?? "").replace(/\/$/, ""), isNew, close: () => server.close(true) };
}

/** The SDK takes longer to load than everything else does to start; nobody needs it before the first message. */
const loadSdk = async () => ({ ...await import("@trigger.dev/sdk"), ...await import("@trigger.dev/sdk/ai") });

type Handler = (request: Request) => Response | Promise<Response>;

function appRoutes({ inspector, secretKey, config }: PageOptions): Readonly<Record<string, Handler>> {
  const sdk = config.then(loadSdk);
  // Whoever asks for it is told.
  sdk.catch(() => {});
  return {
    "GET /app/config": async () => Response.json(await config),
    // What a server action does in an app: only a server has the secret key.
    "POST /app/start": async (request) => {
      const { chatId, clientData } = await request.json() as { chatId: string; clientData: Record<string, unknown> };
      const { agentId, proxyUrl: baseURL } = await config;
      const { chat } = await sdk;
      const start = chat.createStartSessionAction(agentId, { baseURL, apiClient: { baseURL, accessToken: secretKey } });
      const { publicAccessToken } = await start({ chatId, clientData });
      return Response.json({ publicAccessToken });
    },
    "POST /app/token": async (request) => {
      const { chatId } = await request.json() as { chatId: string };
      const { proxyUrl: baseURL } = await config;
      const { auth } = await sdk;
      const scopes = { read: { sessions: chatId }, write: { sessions: chatId } };
      const token = await auth.withAuth({ baseURL, accessToken: secretKey }, () => auth.createPublicToken({ scopes }));
      return Response.json({ token });
    },
    "GET /inspect": async (request) => follow(request, inspector, (await config).startId),
  };
}

/** The facts of one chat, as they become known; `Last-Event-ID` continues where a connection broke. */
function follow(request: Request, inspector: Inspector, startId: string): Response {
  const chatId = new URL(request.url).searchParams.get("chat") ?? "";
  const after = Number(request.headers.get("last-event-id") ?? 0);
  const ended = new AbortController();
  request.signal.addEventListener("abort", () => ended.abort(), { once: true });
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string): void => controller.enqueue(encoder.encode(text));
      write(`retry: 500\nevent: start\ndata: ${startId}\n\n`);
      inspector.follow(
        chatId,
        after,
        (fact) => write(`id: ${fact.n}\ndata: ${JSON.stringify(fact)}\n\n`),
        ended.signal,
      );
      const heartbeat = setInterval(() => write(":\n\n"), HEARTBEAT_MS);
      ended.signal.addEventListener("abort", () => clearInterval(heartbeat), { once: true });
    },
    cancel: () => ended.abort(),
  });
  return new Response(body, { headers: { "content-type": "text/event-stream", "cache-control": "no-store" } });
}
