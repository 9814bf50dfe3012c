/** Serves the proxies under test on Node. Ends with its standard input. */
import process from "node:process";
import { serve } from "../../adapters/node.ts";
import { announce, portOf, testProxy, wanted } from "./test_proxies.ts";

const ports: Record<string, number> = {};
for (const [name, options] of Object.entries(wanted(process.argv[2]))) {
  ports[name] = portOf(await serve(testProxy(options), { host: "127.0.0.1", port: 0 }));
}
process.stdin.on("end", () => process.exit(0)).resume();
console.log(announce(ports));
