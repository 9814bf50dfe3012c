/** The upstream of the load tests, on Bun, which answers fastest: reads each body and says that it is well. */
import process from "node:process";

declare const Bun: {
  serve(options: { hostname: string; port: number; fetch(request: Request): Promise<Response> }): { port: number };
};

const { port } = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  async fetch(request) {
    if (request.method === "POST") {
      const { byteLength } = await request.arrayBuffer();
      if (request.headers.get("content-length") !== String(byteLength)) {
        return new Response("no length", { status: 411 });
      }
    }
    return new Response('{"ok":true}', { headers: { "content-type": "application/json" } });
  },
});
process.stdin.on("end", () => process.exit(0)).resume();
console.log(JSON.stringify({ port }));
