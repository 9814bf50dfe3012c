import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { opener } from "../../dev/page/open_browser.ts";

const FREE = { PAGE_PORT: "0", PORT: "0", UPSTREAM_PORT: "0" };

function start(env: Record<string, string>): ChildProcess {
  const file = fileURLToPath(new URL("../../dev/start.ts", import.meta.url));
  return spawn(process.execPath, [file], {
    env: { ...process.env, CI: "1", ...FREE, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** The answer to a creation with another Host, which `fetch` would not send. */
async function withHost(url: string, host: string): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  let answer = "";
  socket.on("data", (bytes) => answer += String(bytes));
  socket.write(`POST /api/v1/sessions HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}`);
  await once(socket, "close");
  return answer;
}

/** What it says before it gives up. */
async function failing(env: Record<string, string>): Promise<{ code: number; stderr: string }> {
  const child = start(env);
  let stderr = "";
  child.stderr!.on("data", (chunk) => (stderr += String(chunk)));
  const [code] = await once(child, "close") as [number];
  return { code, stderr };
}

test("npm start names its three addresses, all of them answer, and one signal ends them all", async (context) => {
  const child = start({});
  context.after(() => child.kill("SIGTERM"));
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  const urls: string[] = [];
  while (urls.length < 3) {
    const { value, done } = await lines.next() as { value: string; done: boolean };
    assert.ok(!done, "it ended before it had named them");
    urls.push(/http:\/\/127\.0\.0\.1:\d+/.exec(value)?.[0] ?? assert.fail(value));
  }
  const [page, proxy, upstream] = urls as [string, string, string];
  assert.match(await (await fetch(page)).text(), /<title>edgestamp/);
  assert.equal((await fetch(`${page}/nothing`)).status, 404);
  assert.equal((await fetch(`${proxy}/api/v1/sessions/x`)).status, 401);
  assert.equal((await fetch(`${upstream}/api/v1/sessions/x`)).status, 401);
  assert.match(await withHost(proxy, "a b"), /^HTTP\/1\.1 400 [^]*"code":"edge_host_invalid"/);
  child.kill("SIGTERM");
  const [code] = await once(child, "exit") as [number | null];
  assert.equal(code, 0);
  for (const url of urls) await assert.rejects(fetch(url), TypeError);
});

for (const name of ["PAGE_PORT", "PORT", "UPSTREAM_PORT"]) {
  test(`a taken ${name} is said in one line`, async () => {
    const squatter = createServer().listen(0, "127.0.0.1");
    await once(squatter, "listening");
    const { port } = squatter.address() as AddressInfo;
    const { code, stderr } = await failing({ [name]: String(port) });
    squatter.close();
    assert.deepEqual([code, stderr], [1, `Port ${port} is taken: set ${name} to a free one\n`]);
  });
}

test("settings that make no sense are said in one line", async () => {
  assert.deepEqual(await failing({ PAGE_PORT: "http" }), {
    code: 1,
    stderr: "PAGE_PORT is no port: set it to a number from 0 to 65535\n",
  });
  assert.deepEqual(await failing({ EDGE_SEAL: "wax" }), {
    code: 1,
    stderr: "EDGE_SEAL is none that there is: set it to none, signed, encrypted\n",
  });
});

test("a browser is opened only where somebody would see it", () => {
  assert.deepEqual(opener("darwin", {}, true), ["open"]);
  assert.deepEqual(opener("win32", {}, true), ["cmd", "/c", "start", ""]);
  assert.deepEqual(opener("linux", { DISPLAY: ":0" }, true), ["xdg-open"]);
  assert.deepEqual(opener("linux", { WAYLAND_DISPLAY: "wayland-0" }, true), ["xdg-open"]);
  assert.equal(opener("linux", {}, true), undefined);
  assert.equal(opener("darwin", {}, false), undefined);
  assert.equal(opener("darwin", { CI: "true" }, true), undefined);
  assert.equal(opener("darwin", { SSH_CONNECTION: "1 2 3 4" }, true), undefined);
  assert.equal(opener("darwin", { BROWSER: "none" }, true), undefined);
});
