/** The proxy, and beside it the one thing that a browser-only app needs a server for: tokens for its own chats. */

import { auth, configure } from "@trigger.dev/sdk";
import { createProxy } from "edgestamp";
import { serve, socket } from "edgestamp/node";
import { signed } from "edgestamp/seal";

const { TRIGGER_SECRET_KEY, EDGE_SEAL_KEY, PAGE_ORIGIN = "http://localhost:5173", PORT = "3000" } = process.env;
const upstream = process.env.TRIGGER_API_UPSTREAM ?? "https://api.trigger.dev";
configure({ accessToken: TRIGGER_SECRET_KEY, baseURL: upstream });

const proxy = createProxy({
  upstream,
  trust: socket(), // behind a CDN: what it knows, from edgestamp/cloudflare, edgestamp/fastly, edgestamp/headers, …
  cors: { origins: [PAGE_ORIGIN] },
  ...(EDGE_SEAL_KEY && { seal: signed({ key: EDGE_SEAL_KEY }) }),
});

/** Who asks, and whether the chat is his, is yours to check here. */
async function token(chat: string): Promise<Response> {
  const scopes = { read: { sessions: chat }, write: { sessions: chat, tasks: "my-agent" } };
  const token = await auth.createPublicToken({ scopes, expirationTime: "1h" });
  return Response.json({ token }, { headers: { "access-control-allow-origin": PAGE_ORIGIN } });
}

const { url } = await serve(
  {
    fetch(request, platform) {
      const { pathname, searchParams } = new URL(request.url);
      const chat = searchParams.get("chat");
      return request.method === "POST" && pathname === "/token" && chat ? token(chat) : proxy.fetch(request, platform);
    },
  },
  { port: Number(PORT) },
);
console.log(`edgestamp listens on ${url}`);
