/**
 * The templates of `edgestamp init`.
 *
 * @module
 */

/** One template. */
export interface Template {
  /** What it is, in a few words. */
  readonly summary: string;
  /** The folders of `examples/` that it is made of. */
  readonly folders: readonly string[];
  /** The two commands that follow. */
  readonly next: readonly [first: string, second: string];
}

const behind = (proxy: string, folder: string): Template => ({
  summary: `Bun on a machine of your own, behind ${proxy}`,
  folders: ["bun-vm", folder],
  next: ["bun install && bunx edgestamp keygen", "bun --env-file=edgestamp.env run start"],
});

const onNpm = (folder: string, summary: string, second: string): Template => ({
  summary,
  folders: [folder],
  next: ["npm install && npx edgestamp keygen", second],
});

const inApp = (folder: string, summary: string): Template => ({
  summary,
  folders: [folder],
  next: ["npm install", "npm run dev"],
});

/** Every template there is, by what it is called. */
export const TEMPLATES: Readonly<Record<string, Template>> = {
  cloudflare: onNpm("cloudflare", "a Worker on Cloudflare", "npx wrangler secret put EDGE_SEAL_KEY && npm run deploy"),
  "deno-deploy": {
    summary: "an app on Deno Deploy",
    folders: ["deno-deploy"],
    next: ["npx edgestamp keygen", "deno deploy"],
  },
  vercel: onNpm("vercel", "a function on Vercel", "npx vercel deploy --prod"),
  netlify: onNpm("netlify", "an edge function on Netlify", "npx netlify deploy --prod"),
  fastly: onNpm("fastly", "a service on Fastly Compute", "npm run build && npm run deploy"),
  lambda: onNpm("lambda", "a function on AWS Lambda, with a URL that streams", "npm run build && npm run deploy"),
  "bun-vm": {
    summary: "Bun on a machine of your own, or in a container",
    folders: ["bun-vm"],
    next: ["bun install && bunx edgestamp keygen", "bun --env-file=edgestamp.env run start"],
  },
  nginx: behind("nginx", "nginx"),
  haproxy: behind("HAProxy", "haproxy"),
  caddy: behind("Caddy", "caddy"),
  envoy: behind("Envoy", "envoy"),
  "nextjs-middleware": inApp("nextjs-middleware", "in a Next.js app, as its middleware"),
  "nextjs-route": inApp("nextjs-route", "in a Next.js app, as a route"),
  hono: { summary: "in a Hono app on Bun", folders: ["hono"], next: ["bun install", "bun run start"] },
};
