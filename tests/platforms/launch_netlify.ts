/**
 * Serves Netlify's ready handler in Deno, called by Netlify's own bootstrap of Edge Functions. One
 * instance of it for each environment that it is told. Ends with its standard input.
 */
import process from "node:process";
import { announce } from "../runtime/test_proxies.ts";

type Handler = (request: Request, context: unknown) => Promise<Response>;

interface DenoGlobal {
  readonly env: { set(name: string, value: string): void; delete(name: string): void };
  serve(
    options: { hostname: string; port: number; onListen(): void },
    handler: (request: Request) => Promise<Response>,
  ): { addr: { port: number } };
}

interface Bootstrap {
  handleRequest(
    request: Request,
    functions: Readonly<Record<string, Handler>>,
    options: { rawLogger(line: unknown): void },
  ): Promise<Response>;
}

const { Deno } = globalThis as unknown as { Deno: DenoGlobal };
// In production there is one; it tells the bootstrap that no developer's machine is to be reckoned with.
Deno.env.set("DENO_DEPLOYMENT_ID", "test");
// The package offers no way to it by name.
const BOOTSTRAP = "../../node_modules/@netlify/edge-functions-dev/dist/deno/bootstrap.mjs";
const { handleRequest } = await import(BOOTSTRAP) as Bootstrap;

const base64 = (value: unknown): string =>
  btoa(String.fromCharCode(...new TextEncoder().encode(JSON.stringify(value))));

/** What Netlify's CDN says to the bootstrap with each request. */
function toldByCdn(city: string): Readonly<Record<string, string>> {
  return {
    "x-nf-edge-functions": "edgestamp",
    "x-nf-request-id": "01JD0000000000000000000000",
    "x-nf-client-connection-ip": "198.51.100.7",
    "x-nf-geo": base64({ city, country: { code: "BR", name: "Brazil" } }),
    "x-nf-site-info": base64({ id: "site", name: "chat", url: "https://chat.example" }),
    "x-nf-account-info": base64({ id: "account" }),
    "x-nf-blobs-info": base64({ url: "https://blobs.example", token: "a token" }),
    "x-nf-purge-api-token": "a token",
    "x-nf-deploy-id": "deploy",
  };
}

const environments = JSON.parse(process.argv[2]!) as Record<string, Record<string, string>>;
const ports: Record<string, number> = {};
for (const [name, env] of Object.entries(environments)) {
  const { default: edgestamp } = await import(`../../adapters/netlify.ts?${name}`) as { default: Handler };
  const told = toldByCdn(env["TEST_CITY"] ?? "São Paulo");
  const answer = (given: Request): Promise<Response> => {
    const request = new Request(given);
    for (const [header, value] of Object.entries(told)) request.headers.set(header, value);
    return handleRequest(request, { edgestamp }, { rawLogger: () => {} });
  };
  // A function reads its environment when it is called for the first time.
  for (const [variable, value] of Object.entries(env)) Deno.env.set(variable, value);
  await (await answer(new Request("https://chat.example/", { method: "OPTIONS" }))).body?.cancel();
  for (const variable of Object.keys(env)) Deno.env.delete(variable);
  ports[name] = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, answer).addr.port;
}
process.stdin.on("end", () => process.exit(0)).resume();
// The bootstrap has made `console` its own.
process.stdout.write(`${announce(ports)}\n`);
