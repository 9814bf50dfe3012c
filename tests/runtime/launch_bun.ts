/** Serves the proxies under test on Bun. Ends with its standard input. */
import process from "node:process";
import { announce, testProxy, wanted } from "./test_proxies.ts";

declare const Bun: {
  serve(options: {
    hostname: string;
    port: number;
    idleTimeout: number;
    fetch(request: Request, server: unknown): Promise<Response>;
  }): { port: number };
};

const ports: Record<string, number> = {};
for (const [name, options] of Object.entries(wanted(process.argv[2]))) {
  const proxy = testProxy(options);
  // 0 is no idle timeout: event streams may be silent for longer than any.
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    fetch: (request, server) => proxy.fetch(request, { info: server }),
  });
  ports[name] = server.port;
}
process.stdin.on("end", () => process.exit(0)).resume();
console.log(announce(ports));
