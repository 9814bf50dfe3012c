// deno-lint-ignore-file no-console -- it speaks to whoever runs it
/**
 * `npm run soak`: an hour of faults on both sides of a proxy on each runtime. `--minutes` and `--seed` change it;
 * a seed that is given replays the decisions of the run that printed it. Exits with 1 where anything was lost,
 * doubled, out of order or unstamped.
 */
import { randomBytes } from "node:crypto";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Runtime, withBinaries } from "../conformance/servers.ts";
import { soak } from "./soak.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    seed: { type: "string", default: randomBytes(6).toString("hex") },
    chats: { type: "string", default: "6" },
    runtimes: { type: "string", default: "node,bun,deno,workerd" },
  },
});
withBinaries();
console.log(`seed ${values.seed}`);
const { complaints, answered, unanswered, heard, befell } = await soak({
  seconds: Number(values.minutes) * 60,
  seed: values.seed,
  runtimes: values.runtimes.split(",") as Runtime[],
  chatsEach: Number(values.chats),
});
console.log(`${answered} messages answered, ${unanswered} given up, ${heard} records heard`);
for (const [what, times] of Object.entries(befell).sort()) console.log(`  ${what}: ${times}`);
for (const complaint of complaints) console.log(`✖ ${complaint}`);
console.log(
  complaints.length === 0 ? "nothing lost, doubled, out of order or unstamped" : `${complaints.length} complaints`,
);
process.exitCode = complaints.length === 0 ? 0 : 1;
