/** Serves Netlify's ready handler in Deno, as its edge does: with a context and `Netlify.env`. */
import handler from "../../adapters/netlify.ts";

interface DenoServe {
  readonly env: { toObject(): Record<string, string> };
  serve(
    options: { hostname: string; port: number; onListen(address: { port: number }): void },
    handler: (request: Request) => Promise<Response>,
  ): unknown;
}

const { Deno } = globalThis as unknown as { Deno: DenoServe };
Object.assign(globalThis, { Netlify: { env: Deno.env } });
const context = {
  ip: "198.51.100.7",
  geo: { city: "São Paulo", country: { code: "BR", name: "Brazil" } },
  waitUntil: () => {},
};
Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen: ({ port }) => console.log(`port ${port}`) },
  (request) => handler(request, context),
);
