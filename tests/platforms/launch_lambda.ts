// deno-lint-ignore-file no-console -- whoever starts it reads its ports
/** Serves the proxies under test behind one of AWS's fronts. Ends with its standard input. */
import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { edgeHandler, functionUrlHandler, streamingHandler } from "../../adapters/lambda.ts";
import type { Proxy } from "../../mod.ts";
import { announce, testProxy, wanted } from "../runtime/test_proxies.ts";
import { atTheEdge, buffered, installAwsLambda, streamed, type StreamingHandler } from "./lambda_front.ts";

const FRONTS: Readonly<Record<string, (proxy: Proxy) => Server>> = {
  buffered: (proxy) => buffered(functionUrlHandler(proxy)),
  streamed: (proxy) => streamed(streamingHandler(proxy) as unknown as StreamingHandler),
  edge: (proxy) => atTheEdge(edgeHandler(proxy), "origin-request"),
};

installAwsLambda();
const front = FRONTS[process.argv[2]!]!;
const ports: Record<string, number> = {};
for (const [name, options] of Object.entries(wanted(process.argv[3]))) {
  const server = front(testProxy(options));
  await once(server.listen(0, "127.0.0.1"), "listening");
  ports[name] = (server.address() as AddressInfo).port;
}
process.stdin.on("end", () => process.exit(0)).resume();
console.log(announce(ports));
