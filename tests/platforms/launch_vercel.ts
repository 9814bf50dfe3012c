// deno-lint-ignore-file no-console -- whoever starts it reads its ports
/** Serves the proxies under test in Vercel's Edge runtime, behind its own server. Ends with its standard input. */
import path from "node:path";
import process from "node:process";
import { build } from "esbuild";
import { EdgeRuntime, runServer } from "edge-runtime";
import { announce, wanted } from "../runtime/test_proxies.ts";

// Its server lets what goes wrong with a caller's request end the process; Vercel's does not.
process.on("unhandledRejection", () => {});

const { outputFiles: [code] } = await build({
  entryPoints: [path.join(import.meta.dirname, "vercel_proxies.ts")],
  bundle: true,
  format: "iife",
  write: false,
  conditions: ["edge-light", "worker"],
});
const ports: Record<string, number> = {};
for (const [name, options] of Object.entries(wanted(process.argv[2]))) {
  const runtime = new EdgeRuntime({
    initialCode: code!.text,
    extend: (context) => Object.assign(context, { OPTIONS: JSON.stringify({ proxy: options }) }),
  });
  const { url } = await runServer({ runtime, port: 0, host: "127.0.0.1" });
  ports[name] = Number(new URL(url).port);
}
process.stdin.on("end", () => process.exit(0)).resume();
console.log(announce(ports));
