/** `edgestamp doctor` against the ready-made server of each runtime, as it is deployed: all hold. */
import assert from "node:assert/strict";
import path from "node:path";
import { after, before, describe, test } from "node:test";
import { start as startProcess, withBinaries } from "../conformance/servers.ts";
import { start } from "../runtime/spawned.ts";
import { type Behind, doctorInside, PAGE, sealKeys, startBehind } from "./examined.ts";

const RUNTIME = path.join(import.meta.dirname, "../runtime");

interface Deployed {
  readonly url: string;
  stop(): Promise<unknown>;
}

async function startServer(name: "bun" | "deno" | "node", env: Record<string, string>): Promise<Deployed> {
  const { url, child, exited, output } = await start(name, env);
  assert.notEqual(url, "", output());
  const stop = (): Promise<unknown> => {
    child.kill("SIGKILL");
    return exited;
  };
  return { url, stop };
}

async function startWorker(env: Record<string, string>): Promise<Deployed> {
  const args = ["launch_workerd.ts", JSON.stringify({ worker: env }), "../../adapters/cloudflare_sealed.ts"];
  const { ports, stop } = await startProcess("node", args, RUNTIME);
  return { url: `http://127.0.0.1:${ports["worker"]}`, stop };
}

describe("edgestamp doctor, a good deployment on", () => {
  let behind: Behind;
  before(async () => {
    withBinaries();
    behind = await startBehind();
  });
  after(() => behind?.close());

  const rows = [
    ["node", "signed"],
    ["bun", "signed"],
    ["deno", "signed"],
    ["workerd", "signed"],
    ["node", "encrypted"],
  ] as const;
  for (const [runtime, seal] of rows) {
    test(`${runtime}, stamps ${seal}: all hold`, { timeout: 180_000 }, async () => {
      const { key, agent } = await sealKeys(...(seal === "encrypted" ? ["--encrypted"] : []));
      const env = { TRIGGER_API_UPSTREAM: behind.url, EDGE_ALLOWED_ORIGINS: PAGE, EDGE_SEAL: seal, EDGE_SEAL_KEY: key };
      const server = runtime === "workerd" ? await startWorker(env) : await startServer(runtime, env);
      try {
        const keys = seal === "encrypted" ? ["--keys", agent] : [];
        const { code, broken, unknown, holding, stdout } = await doctorInside(server.url, behind, ...keys);
        assert.deepEqual([code, broken, unknown, holding.length], [0, [], [], 16], stdout);
        assert.ok(!stdout.includes(agent));
      } finally {
        await server.stop();
      }
    });
  }
});
