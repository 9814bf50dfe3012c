/** Serves a contender on Deno. Ends with its standard input. */
import process from "node:process";
import { handlerOf, type Wanted } from "../contenders.ts";

declare const Deno: {
  serve(
    options: { hostname: string; port: number; onListen(): void },
    handler: (request: Request) => Promise<Response>,
  ): { addr: { port: number } };
};

const handler = handlerOf(JSON.parse(process.argv[2]!) as Wanted);
const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
process.stdin.on("end", () => process.exit(0)).resume();
console.log(JSON.stringify({ port: server.addr.port }));
