/** Runs the local upstream with the demo agent and the demo tasks until it is interrupted, and prints what the agent sees. */

import { startLocal } from "./serve.ts";

const file = process.env["UPSTREAM_FILE"];
const local = await startLocal({
  port: Number(process.env["PORT"] ?? 3030),
  namespace: process.env["EDGE_NAMESPACE"] ?? "__cf",
  onObservation: (observation) => console.log(JSON.stringify(observation)),
  ...(file === undefined ? {} : { file }),
});
console.log(`Trigger.dev, locally: ${local.url} (secret key ${local.environment.secretKey})`);

process.once("SIGINT", () => void local.close().then(() => process.exit(0)));
