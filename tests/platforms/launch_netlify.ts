// deno-lint-ignore-file no-console -- whoever starts it reads its ports
/**
 * Serves Netlify's ready handler in Deno, as its edge does: with a context and `Netlify.env`. One
 * instance of it for each environment that it is told. Ends with its standard input.
 */
import process from "node:process";
import type { NetlifyContext, NetlifyHandler } from "../../adapters/netlify.ts";
import { announce } from "../runtime/test_proxies.ts";

interface DenoServe {
  serve(
    options: { hostname: string; port: number; onListen(): void },
    handler: (request: Request) => Promise<Response>,
  ): { addr: { port: number } };
}

const { Deno } = globalThis as unknown as { Deno: DenoServe };
const environments = JSON.parse(process.argv[2]!) as Record<string, Record<string, string>>;
const ports: Record<string, number> = {};
for (const [name, env] of Object.entries(environments)) {
  const { default: handler } = await import(`../../adapters/netlify.ts?${name}`) as { default: NetlifyHandler };
  const answer = (request: Request): Promise<Response> => {
    const pending: Promise<unknown>[] = [];
    const context: NetlifyContext = {
      ip: "198.51.100.7",
      geo: { city: env["TEST_CITY"] ?? "São Paulo", country: { code: "BR", name: "Brazil" } },
      waitUntil: (promise) => void pending.push(promise),
    };
    return handler(request, context);
  };
  // A function reads its environment when it is called for the first time.
  Object.assign(globalThis, { Netlify: { env: { toObject: () => env } } });
  await answer(new Request("https://site.example/", { method: "OPTIONS" }));
  ports[name] = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer).addr.port;
}
process.stdin.on("end", () => process.exit(0)).resume();
console.log(announce(ports));
