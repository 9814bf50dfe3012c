import { createProxy } from "edgestamp";
import { signed } from "edgestamp/seal";
import { vercel } from "edgestamp/vercel";
import type { NextFetchEvent, NextRequest } from "next/server";

const trigger = createProxy({
  upstream: process.env.TRIGGER_API_UPSTREAM || "https://api.trigger.dev",
  basePath: "/api/trigger",
  // Off Vercel its headers are whatever the client sent, so nothing is read.
  trust: process.env.VERCEL === "1" ? vercel() : () => null,
  // Without a key this throws, and nothing is answered.
  seal: signed({ key: process.env.EDGE_SEAL_KEY ?? "" }),
});

// Next.js 16 calls its middleware `proxy`.
export function proxy(request: NextRequest, event: NextFetchEvent): Promise<Response> {
  return trigger.fetch(request, { waitUntil: (promise) => event.waitUntil(promise) });
}

export const config = { matcher: "/api/trigger/:path*" };
