/** Serves the proxies under test on Deno. Ends with its standard input. */
import process from "node:process";
import { announce, testProxy, wanted } from "./test_proxies.ts";

declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen(): void },
    handler: (request: Request, info: unknown) => Promise<Response>,
  ): { addr: { port: number } };
};

const ports: Record<string, number> = {};
for (const [name, options] of Object.entries(wanted(process.argv[2]))) {
  const proxy = testProxy(options);
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    (request, info) => proxy.fetch(request, { info }),
  );
  ports[name] = server.addr.port;
}
process.stdin.on("end", () => process.exit(0)).resume();
console.log(announce(ports));
