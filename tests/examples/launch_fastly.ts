// deno-lint-ignore-file no-console -- whoever starts it reads its ports
/** Serves a service that was compiled for Fastly Compute, once for each config store that it is told. Ends with its standard input. */
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { announce } from "../runtime/test_proxies.ts";
import { serve } from "./fastly_host.ts";

const [, , file = "", stores = "{}"] = process.argv;
const module = await WebAssembly.compile(await readFile(file));
const ports: Record<string, number> = {};
for (const [name, config] of Object.entries(JSON.parse(stores) as Record<string, Record<string, string>>)) {
  const server = serve(module, {
    config,
    geo: { country_code: "BR", city: "curitiba", as_number: 64_496, latitude: 999, longitude: 999, proxy_type: "?" },
    connection: {
      address: Uint8Array.of(198, 51, 100, 7),
      ja3: Buffer.from("cd08e31494f9531f560d64c695473da9", "hex"),
      ja4: "t13d1516h2_8daaf6152771_b186095e22b6",
      protocol: "TLSv1.3",
    },
    log: (text) => console.error(text.trimEnd()),
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  ports[name] = (server.address() as AddressInfo).port;
}
process.stdin.on("end", () => process.exit(0)).resume();
console.log(announce(ports));
