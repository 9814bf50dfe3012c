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
  /** The commands that follow, a line each; what is to be filled in stands behind a `#`. */
  readonly next: readonly string[];
}

const KEY = "npx edgestamp keygen";
const SECRET = "EDGE_SEAL_KEY '…' --secret    # what keygen printed for the proxy";

/** A machine's server with its environment in a file. */
const onMachine: readonly string[] = [
  "bun install && bunx edgestamp keygen",
  "$EDITOR edgestamp.env    # EDGE_SEAL_KEY, EDGE_PROOF_SECRET (openssl rand -base64 32), EDGE_ALLOWED_ORIGINS",
  "bun --env-file=edgestamp.env run start",
];

const behind = (proxy: string, folder: string, start: string): Template => ({
  summary: `Bun on a machine of your own, behind ${proxy}`,
  folders: ["bun-vm", folder],
  next: [...onMachine, start],
});

const onNpm = (folder: string, summary: string, ...next: readonly string[]): Template => ({
  summary,
  folders: [folder],
  next: [`npm install && ${KEY}`, ...next],
});

/** Every template there is, by what it is called. */
export const TEMPLATES: Readonly<Record<string, Template>> = {
  cloudflare: onNpm("cloudflare", "a Worker on Cloudflare", "npx wrangler secret put EDGE_SEAL_KEY", "npm run deploy"),
  "deno-deploy": {
    summary: "an app on Deno Deploy",
    folders: ["deno-deploy"],
    next: [KEY, "deno deploy create", `deno deploy env add ${SECRET}`, "deno task deploy"],
  },
  vercel: onNpm(
    "vercel",
    "a function on Vercel",
    "npx vercel link && npx vercel env add EDGE_SEAL_KEY production",
    "npx vercel deploy --prod",
  ),
  netlify: onNpm(
    "netlify",
    "an edge function on Netlify",
    `npx netlify init && npx netlify env:set ${SECRET}`,
    "npx netlify deploy --prod",
  ),
  // Its runtime has no algorithm of a seal, so there is no key.
  fastly: { summary: "a service on Fastly Compute", folders: ["fastly"], next: ["npm install", "npm run deploy"] },
  lambda: onNpm(
    "lambda",
    "a function on AWS Lambda, with a URL that streams",
    "npm run deploy    # asks for SealKey, which is EDGE_SEAL_KEY",
  ),
  "bun-vm": {
    summary: "Bun on a machine of your own, or in a container",
    folders: ["bun-vm"],
    next: onMachine,
  },
  nginx: behind("nginx", "nginx", 'nginx -c "$PWD/nginx.conf"    # with the same secret in edgestamp_proof.conf'),
  haproxy: behind("HAProxy", "haproxy", "haproxy -f haproxy.cfg    # with EDGE_PROOF_SECRET in its environment"),
  caddy: behind("Caddy", "caddy", "caddy run    # with EDGE_PROOF_SECRET in its environment"),
  envoy: behind("Envoy", "envoy", "envoy -c envoy.yaml    # with EDGE_PROOF_SECRET in its environment"),
  "nextjs-middleware": onNpm(
    "nextjs-middleware",
    "in a Next.js app, as its middleware",
    "cp .env.example .env.local    # and fill in EDGE_SEAL_KEY",
    "npm run dev",
  ),
  "nextjs-route": {
    summary: "in a Next.js app, as a route",
    folders: ["nextjs-route"],
    next: ["npm install", "npm run dev"],
  },
  hono: { summary: "in a Hono app on Bun", folders: ["hono"], next: ["bun install", "bun run start"] },
};
