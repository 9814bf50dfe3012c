import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readEnvironment } from "../../../adapters/_environment.ts";
import { withSeal } from "../../../adapters/_seal.ts";
import worker from "../../../adapters/cloudflare.ts";
import sealedWorker from "../../../adapters/cloudflare_sealed.ts";
import type { Environment } from "../../../adapters/_types.ts";

const ctx = { waitUntil: () => {} };
const KEYS = "https://proxy.example/.well-known/edgestamp/jwks.json";

async function signingKey(): Promise<Record<string, unknown>> {
  const pair = await crypto.subtle.generateKey("Ed25519", true, ["sign", "verify"]) as CryptoKeyPair;
  const { kty, crv, x, d } = await crypto.subtle.exportKey("jwk", pair.privateKey) as JsonWebKey;
  return { kty, crv, x, d, kid: "one" };
}

const sealed = (env: Environment): ReturnType<typeof withSeal> =>
  withSeal(readEnvironment(env, { trusts: ["socket"] }));

async function quietly(run: () => Promise<Response>): Promise<Response> {
  const { error } = console;
  console.error = () => {};
  try {
    return await run();
  } finally {
    console.error = error;
  }
}

describe("EDGE_SEAL", () => {
  test("none: no seal", async () => assert.equal((await sealed({})).seal, undefined));

  test("signed: stamps carry a proof, and the public key is served", async () => {
    const key = await signingKey();
    const env = { EDGE_SEAL: "signed", EDGE_SEAL_KEY: JSON.stringify(key) };
    const stamp = await (await sealed(env)).seal!.seal({ ip: "198.51.100.7" }, { use: "append", chat: "c" } as never);
    assert.match((stamp as { proof: string }).proof, /^[\w-]+\.[\w-]+\.[\w-]+$/);
    const [response, again] = await Promise.all([1, 2].map(() => sealedWorker.fetch(new Request(KEYS), env, ctx)));
    const { keys } = await response!.json() as { keys: Record<string, unknown>[] };
    assert.equal(keys[0]!["x"], key["x"]);
    assert.equal(keys[0]!["d"], undefined);
    assert.equal(again!.status, 200);
  });

  test("encrypted: stamps are sealed", async () => {
    const k = btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32)))).replaceAll("+", "-").replaceAll(
      "/",
      "_",
    ).replace("=", "");
    const { seal } = await sealed({
      EDGE_SEAL: "encrypted",
      EDGE_SEAL_KEY: JSON.stringify({ kty: "oct", kid: "one", k }),
    });
    const stamp = await seal!.seal({ ip: "198.51.100.7" }, { use: "append", chat: "c" } as never);
    assert.deepEqual(Object.keys(stamp as object), ["sealed"]);
  });

  test("a key that cannot be used stops the start with one line, without a part of it", async () => {
    const key = await signingKey();
    const other = await signingKey();
    const rows: readonly [kind: string, key: unknown, line: RegExp][] = [
      ["signed", "changeme", /^EDGE_SEAL_KEY: it is a placeholder; run `edgestamp keygen`/],
      ["signed", { ...key, d: undefined }, /^EDGE_SEAL_KEY: it is a public key, which cannot sign/],
      ["signed", { ...key, d: other["d"] }, /^EDGE_SEAL_KEY: its `x` does not belong to its `d`/],
      ["encrypted", key, /^EDGE_SEAL_KEY: it is no secret for encryption/],
    ];
    for (const [kind, bad, line] of rows) {
      const text = typeof bad === "string" ? bad : JSON.stringify(bad);
      await sealed({ EDGE_SEAL: kind, EDGE_SEAL_KEY: text }).then(
        () => assert.ok(false, String(line)),
        (error: Error) => {
          assert.equal(error.name, "EnvironmentError");
          assert.match(error.message, line);
          assert.ok(!/\n/.test(error.message) && !error.message.includes(String(other["d"])));
        },
      );
    }
  });

  test("the plain Worker has no seal, and says where there is one", async () => {
    const key = { EDGE_SEAL_KEY: JSON.stringify(await signingKey()) };
    for (const env of [{ EDGE_SEAL: "signed", ...key }, key]) {
      const response = await quietly(() => worker.fetch(new Request(KEYS), env, ctx));
      assert.equal(response.status, 500);
      assert.match(
        await response.text(),
        /EDGE_SEAL: this Worker has none; use edgestamp\/cloudflare-sealed, or set none\)/,
      );
    }
    const decided = await worker.fetch(new Request(KEYS), { EDGE_SEAL: "none", ...key }, ctx);
    assert.match(await decided.text(), /"edge_not_enabled"/);
  });

  test("the sealed Worker does not do without where there is a key", async () => {
    const env = { EDGE_SEAL_KEY: JSON.stringify(await signingKey()) };
    const response = await quietly(() => sealedWorker.fetch(new Request(KEYS), env, ctx));
    assert.match(
      await response.text(),
      /EDGE_SEAL: is needed where EDGE_SEAL_KEY is set; set signed, encrypted or none\)/,
    );
  });

  test("the sealed Worker does without, too", async () => {
    // A binding of another's is none of its business.
    const env = { HOST: { fetch: () => {} }, PORT: "tcp://10.0.0.1:80" };
    const response = await sealedWorker.fetch(new Request(KEYS), env, ctx);
    assert.match(await response.text(), /"edge_not_enabled"/);
  });
});
