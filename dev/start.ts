/**
 * `npm start`: a local Trigger.dev, the proxy on Bun in front of it, and a walk through one conversation. With
 * `TRIGGER_API_UPSTREAM` set, the proxy alone, in front of that.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { BOT_SCORE_HEADER } from "./edge_signals.ts";
import { type RecordedRequest, recordRequests } from "./record.ts";
import { startLocal } from "./serve.ts";
import { walk, type Walked } from "./walk.ts";

const namespace = process.env["EDGE_NAMESPACE"] || "__cf";
const port = process.env["PORT"] || "3000";

try {
  if (process.env["TRIGGER_API_UPSTREAM"]) await proxyOnly();
  else await demo();
} catch (error) {
  const { code, message, port } = error as NodeJS.ErrnoException & { port?: number };
  console.error(code === "EADDRINUSE" ? `Port ${port} is taken: set PORT or UPSTREAM_PORT to a free one` : message);
  process.exit(1);
}

/** The ready-made Bun server, as it is deployed. */
async function proxyOnly(): Promise<void> {
  const server = runBun("../adapters/bun.ts", [], { stdio: "inherit", env: { ...process.env, HOST: process.env["HOST"] || "127.0.0.1" } });
  forwardSignals(server);
  const [code] = await once(server, "exit") as [number | null];
  process.exitCode = code ?? 1;
}

async function demo(): Promise<void> {
  const reached: RecordedRequest[] = [];
  const local = await startLocal({
    port: Number(process.env["UPSTREAM_PORT"] || 3030),
    namespace,
    wrap: (fetch) => recordRequests(fetch, (request) => void reached.push(request)),
  });
  const proxy = runBun("edge.ts", ["--upstream", local.url, "--namespace", namespace, "--port", port], { stdio: ["ignore", "pipe", "inherit"] });
  forwardSignals(proxy);
  proxy.once("exit", (code) => void local.close().then(() => process.exit(code ?? 0)));
  const [proxyUrl] = await once(createInterface({ input: proxy.stdout! }), "line") as [string];
  console.log(`edgestamp, on Bun       ${proxyUrl}`);
  console.log(`Trigger.dev, locally    ${local.url} (secret key ${local.environment.secretKey})`);
  const walked = await walk({ local, proxyUrl, namespace, reached, print: console.log });
  console.log(invitation(proxyUrl, local.environment.secretKey, walked));
}

function invitation(proxyUrl: string, secretKey: string, { chatId, token }: Walked): string {
  const message = { id: "m-1", role: "user", parts: [{ type: "text", text: "hello" }] };
  const payload = { message, chatId, trigger: "submit-message", metadata: { userId: "user-1", [namespace]: { botScore: 99 } } };
  return `
Both keep running; Ctrl-C ends them. To try it by hand, in another terminal:

TOKEN=${token}

# 4. Write as a bot with a forged score, through the proxy
curl ${proxyUrl}/realtime/v1/sessions/${chatId}/in/append -H "Authorization: Bearer $TOKEN" \\
  -H 'content-type: application/json' -H '${BOT_SCORE_HEADER}: 12' \\
  --data '${JSON.stringify({ kind: "message", payload })}'

# 5. See what Trigger.dev stored
curl ${proxyUrl}/realtime/v1/sessions/${chatId}/in/records -H "Authorization: Bearer $TOKEN"

# 6. Read the agent's side as it is written
curl -N ${proxyUrl}/realtime/v1/sessions/${chatId}/out -H "Authorization: Bearer $TOKEN"

# 7. Ask for the stream's credentials, as only a server may
curl -X PUT ${proxyUrl}/realtime/v1/sessions/${chatId}/in -H "Authorization: Bearer $TOKEN"
curl -i -X PUT ${proxyUrl}/realtime/v1/sessions/${chatId}/in -H 'Authorization: Bearer ${secretKey}'
`;
}

function runBun(file: string, args: string[], options: Parameters<typeof spawn>[2]): ChildProcess {
  const url = new URL(file, import.meta.url);
  return spawn("bun", ["run", fileURLToPath(url), ...args], options);
}

function forwardSignals(child: ChildProcess): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => void child.kill(signal));
}
