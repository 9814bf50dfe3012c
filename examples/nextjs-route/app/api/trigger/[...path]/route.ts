import { createProxy } from "edgestamp";
import { headers } from "edgestamp/headers";
import { after } from "next/server";

// Vercel sets these itself on each request. Anywhere else they are whatever the client sent, so there nothing is read.
const vercel = () =>
  headers({
    map: {
      ip: "x-real-ip",
      country: "x-vercel-ip-country",
      city: { header: "x-vercel-ip-city", as: "percent" },
      ja4: "x-vercel-ja4-digest",
    },
    assumeTopology: true,
  });

const trigger = createProxy({
  upstream: process.env.TRIGGER_API_UPSTREAM ?? "https://api.trigger.dev",
  basePath: "/api/trigger",
  trust: process.env.VERCEL === "1" ? vercel() : () => null,
});

// `after` keeps the function alive for a message that has arrived whole when its sender is gone.
const handle = (request: Request): Promise<Response> =>
  trigger.fetch(request, { waitUntil: (promise) => after(promise) });

export {
  handle as DELETE,
  handle as GET,
  handle as HEAD,
  handle as OPTIONS,
  handle as PATCH,
  handle as POST,
  handle as PUT,
};

export const dynamic = "force-dynamic";
// Event streams are held for a minute at a time; the client resumes them.
export const maxDuration = 120;
