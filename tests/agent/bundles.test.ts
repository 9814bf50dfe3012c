/** What is not imported is not in a bundle. */
import assert from "node:assert/strict";
import path from "node:path";
import { test } from "node:test";
import { build } from "esbuild";

const root = path.join(import.meta.dirname, "../..");

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    bundle: true,
    format: "esm",
    minifySyntax: true,
    write: false,
    logLevel: "error",
  });
  return outputFiles[0]!.text;
}

const SIGNING = /CompactSign|EdDSA/;
const ENCRYPTION = /A256GCM|CompactEncrypt|AES-GCM|CBC-HS/;
const JOSE = /JOSEError|ERR_JW|base64url/i;

const rows: readonly [name: string, code: string, has: readonly RegExp[], hasNot: readonly RegExp[]][] = [
  ["an unsealed proxy has nothing of jose", 'export { createProxy } from "./mod.ts";', [/edge_internal/], [
    JOSE,
    SIGNING,
    ENCRYPTION,
  ]],
  [
    "a signing proxy has nothing of encryption",
    'export { createProxy } from "./mod.ts"; export { signed } from "./src/seal.ts";',
    [SIGNING, JOSE],
    [ENCRYPTION],
  ],
  ["an encrypting proxy has nothing of signing", 'export { encrypted } from "./src/seal.ts";', [ENCRYPTION], [
    /CompactSign/,
  ]],
  ["a seal alone has nothing of the agent's side", 'export { signed, encrypted } from "./src/seal.ts";', [
    SIGNING,
    ENCRYPTION,
  ], [/StampRefusal|compactVerify|compactDecrypt/]],
  ["the agent's side has nothing of the proxy or of the SDK", 'export { edgeAgent } from "./src/agent.ts";', [
    /StampRefusal/,
    /compactVerify/,
  ], [/edge_internal|itty|TRIGGER_|CompactSign|CompactEncrypt/]],
];
for (const [name, code, has, hasNot] of rows) {
  test(name, async () => {
    const text = await bundle(code);
    for (const pattern of has) assert.match(text, pattern);
    for (const pattern of hasNot) assert.ok(!pattern.test(text), `${pattern} is in it: ${pattern.exec(text)?.[0]}`);
  });
}
