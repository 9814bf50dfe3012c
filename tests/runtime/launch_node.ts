/** Serves the proxies under test on Node. Ends with its standard input. */
import process from "node:process";
import { serve } from "srvx/node";
import { announce, testProxy, wanted } from "./test_proxies.ts";

const ports: Record<string, number> = {};
for (const [name, options] of Object.entries(wanted(process.argv[2]))) {
  const proxy = testProxy(options);
  const server = serve({
    hostname: "127.0.0.1",
    port: 0,
    silent: true,
    gracefulShutdown: false,
    fetch: (request) => proxy.fetch(request, { info: request.runtime }),
  });
  await server.ready();
  ports[name] = Number(new URL(server.url!).port);
}
process.stdin.on("end", () => process.exit(0)).resume();
console.log(announce(ports));
