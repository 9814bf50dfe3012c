/** Programs of the examples, and a browser before them. */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { startLocal } from "../../dev/serve.ts";
import { launch } from "../browser/chromium.ts";

export interface Program {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Ports that were free a moment ago: what is built into a page has to know them before anyone listens. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, "127.0.0.1"));
  await Promise.all(servers.map((server) => once(server, "listening")));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** Runs the programs, opens `page` in Chromium, says something twice, and looks at what the agent was told. */
export async function chatOn(page: string, upstreamPort: number, programs: readonly Program[]): Promise<void> {
  const local = await startLocal({
    port: upstreamPort,
    namespace: "__edge",
    tasks: new URL("agent.ts", import.meta.url),
  });
  const children = programs.map(({ command: [file, ...args], cwd, env }) =>
    spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: "inherit" })
  );
  const browser = await launch();
  try {
    await until(page);
    const tab = await browser.newPage();
    await tab.goto(page);
    for (const text of ["hello there", "and again"]) {
      await tab.getByRole("textbox", { name: "Message" }).fill(text);
      await tab.getByRole("button", { name: "Send" }).click();
      await tab.getByText(`Agent: You said: ${text}`, { exact: true }).waitFor({ timeout: 90_000 });
    }
    const turns = local.runner.observations.filter(({ kind }) => kind === "turn") as { clientData?: unknown }[];
    assert.deepEqual(
      turns.map(({ clientData }) => clientData),
      Array(2).fill({ userId: "you", __edge: { ip: "127.0.0.1" } }),
    );
  } finally {
    await browser.close();
    await Promise.all(children.map(end));
    await local.close();
  }
}

async function until(url: string): Promise<void> {
  for (
    const deadline = Date.now() + 90_000;
    Date.now() < deadline;
    await new Promise((resolve) => setTimeout(resolve, 200))
  ) {
    if (await fetch(url).then(({ ok }) => ok, () => false)) return;
  }
  throw new Error(`${url} does not answer`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await once(child, "exit");
  clearTimeout(timer);
}
