/** No request line and no Host header leads to another host, or to a route that was not judged. */
import assert from "node:assert/strict";
import { toBytes } from "../client.ts";
import type { Field } from "../http1.ts";
import { APPEND, asCaller, CHANNEL, CREATE, messageBody, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import { assertSafe, type Case, type Surface, tryBytes } from "../surface.ts";
import { settle } from "../uploads.ts";

/** `{evil}` is another host's address, `{up}` the upstream's, `{path}` the append's path. */
const TARGETS: readonly string[] = [
  "//{evil}/steal",
  "/\\{evil}/steal",
  "\\\\{evil}/steal",
  "///{evil}/steal",
  "////{evil}{path}",
  "/\\/{evil}/steal",
  "/%2f{evil}/steal",
  "/%5c{evil}/steal",
  "//{evil}",
  "//{evil}?x",
  "//{evil}#x",
  "//user@{evil}/steal",
  "//a:b@{evil}/steal",
  "http://{evil}/steal",
  "http://{evil}{path}",
  "https://{evil}{path}",
  "HTTP://{evil}{path}",
  "http:{evil}/steal",
  "http:/{evil}/steal",
  "http:\\\\{evil}\\steal",
  "http://proxy.test@{evil}{path}",
  "http://{evil}@proxy.test{path}",
  "http://{up}{path}",
  "http://{up}@{evil}{path}",
  "http://proxy.test{path}",
  "http://proxy.test/{path}",
  "http://proxy.test//{evil}/steal",
  "ws://{evil}/steal",
  "ftp://{evil}/steal",
  "file:///etc/passwd",
  "data:text/plain,x",
  "javascript:1",
  "@{evil}/steal",
  "/@{evil}/steal",
  ":80@{evil}/steal",
  ".{evil}/steal",
  "{evil}/steal",
  "{evil}",
  "*",
  "/*",
  "?{path}",
  "#{path}",
  "/..//{evil}/steal",
  "/.//{evil}/steal",
  "/x/..//{evil}/steal",
  "/x/../\\{evil}/steal",
  "/%2e//{evil}/steal",
  "/;//{evil}/steal",
  "/\t/{evil}/steal",
  "/\t//{evil}/steal",
  "/x\r/{evil}",
  "{path}@{evil}",
  "{path}?@{evil}",
  "{path}?url=http://{evil}/",
  "{path}%0d%0aX-Injected:%201",
  "{path}?a%0d%0aX-Injected:%201",
  "{path}%0aX-Injected:1",
  "/%0d%0aHost:%20{evil}{path}",
  "{path}\rX-Injected: 1",
  "{path} HTTP/1.1\rX-Injected: 1",
  "{path}?\u0085X-Injected:1",
];

/** What a server might build its URL from. */
const HOSTS: readonly string[] = [
  "{evil}",
  "a/realtime/v1/sessions/chat-1",
  "a/api/v1/sessions?",
  "a/api/v1/sessions#",
  "a\\api\\v1\\sessions?",
  "a?",
  "a#",
  "{up}",
  "{up}@{evil}",
  "user@{evil}",
  "{evil}/",
  "{evil}\\",
  "a:99999",
  "a:0",
  "a:",
  ":80",
  "a b",
  "a,b",
  "a\tb",
  "a%2fb",
  "a%00",
  "[::1]",
  "[::1",
  "[::1]evil",
  "[fe80::1%25eth0]",
  "127.0.0.1",
  "0x7f.1",
  "2130706433",
  "-",
  ".",
  "..",
  "",
  "a..b",
  "é",
  "%65vil",
  "a;b",
  "a|b",
  "a<b",
  "http://{evil}",
];

const fill = (surface: Surface, text: string): string =>
  text.replaceAll("{evil}", `127.0.0.1:${surface.evil.port}`).replaceAll("{up}", `127.0.0.1:${surface.upstream.port}`)
    .replaceAll("{path}", APPEND);

/** Sends a request with forged metadata, by a browser and by a server, and holds what arrives against the oracle. */
async function isSafe(surface: Surface, target: string, fields: readonly Field[], method = "POST"): Promise<void> {
  for (const token of [PUBLIC_TOKEN, SECRET_KEY]) {
    const body = method === "GET" ? "" : messageBody();
    const bytes = toBytes({ method, target, fields: [...asCaller(token), ...fields], body });
    for (const server of ["standard", "off"] as const) assertSafe(surface, await tryBytes(surface, bytes, server));
  }
}

const EXTRAS: readonly (readonly [name: string, fields: readonly Field[]])[] = [
  ["X-Forwarded-Host", [["X-Forwarded-Host", "a/realtime/v1/sessions/chat-1"], ["X-Forwarded-Proto", "https"]]],
  ["Forwarded", [["Forwarded", "host=a/realtime/v1/sessions/chat-1;proto=https"]]],
  ["X-Original-URL", [["X-Original-URL", CREATE], ["X-Rewrite-URL", APPEND], ["X-Forwarded-Uri", APPEND], [
    "X-Forwarded-Path",
    APPEND,
  ]]],
  ["method overrides", [["X-HTTP-Method-Override", "PUT"], ["X-Method-Override", "PUT"], ["X-HTTP-Method", "PUT"]]],
  ["two Hosts", [["Host", "proxy.test"], ["Host", "a/realtime/v1/sessions/chat-1"]]],
];

export const targets: readonly Case[] = [
  ...TARGETS.map((target): Case => ({
    name: `is led nowhere by the target ${JSON.stringify(target)}`,
    async run(surface) {
      for (const method of ["GET", "POST"]) await isSafe(surface, fill(surface, target), [], method);
    },
  })),
  ...HOSTS.map((host): Case => ({
    name: `is led nowhere by the Host ${JSON.stringify(host)}`,
    async run(surface) {
      // Servers parse a URL late, or only where they have to: for dots, for one.
      for (const target of [APPEND, CREATE, "/in/append", "/x", "/", `/.${CREATE}`, `${APPEND}?a=%20`]) {
        await isSafe(surface, target, [["Host", fill(surface, host)]]);
      }
    },
  })),
  ...HOSTS.filter((host) => /[/\\?#@%|<;,]/.test(host)).map((host): Case => ({
    name: `refuses the Host ${JSON.stringify(host)}, which is none`,
    async run(surface) {
      const bytes = toBytes({
        target: "/in/append",
        fields: [["Host", fill(surface, host)], ...asCaller(SECRET_KEY)],
        body: messageBody(),
      });
      const { answer, arrived } = await tryBytes(surface, bytes);
      assert.deepEqual(arrived.map(({ target }) => target), []);
      assert.ok([0, 400].includes(answer.status), String(answer.status));
    },
  })),
  ...EXTRAS.map(([name, fields]): Case => ({
    name: `is led nowhere by ${name}`,
    async run(surface) {
      for (const target of [APPEND, CREATE, CHANNEL, "/in/append"]) await isSafe(surface, target, fields);
    },
  })),
  {
    name: "is led nowhere without a Host",
    async run(surface) {
      const bytes = toBytes({ target: APPEND, fields: asCaller(PUBLIC_TOKEN), body: messageBody() });
      const text = bytes.toString("latin1").replace(/Host: [^\r]*\r\n/, "");
      for (const version of ["HTTP/1.1", "HTTP/1.0"]) {
        assertSafe(surface, await tryBytes(surface, Buffer.from(text.replace("HTTP/1.1", version), "latin1")));
      }
    },
  },
  {
    name: "has called no other host after all of it",
    async run(surface) {
      await settle(100);
      assert.equal(surface.evil.connections(), 0);
    },
  },
];
