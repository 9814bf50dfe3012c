/** Serves a contender on Bun, as `adapters/bun.ts` does. Ends with its standard input. */
import process from "node:process";
import { serve } from "../../adapters/bun.ts";
import { handlerOf, type Wanted } from "../contenders.ts";

const wanted = JSON.parse(process.argv[2]!) as Wanted;
const { url } = await serve({ fetch: handlerOf(wanted) }, { host: "127.0.0.1", port: 0 });
process.stdin.on("end", () => process.exit(0)).resume();
console.log(JSON.stringify({ port: Number(new URL(url).port) }));
