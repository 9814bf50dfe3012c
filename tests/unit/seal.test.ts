import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  base64url,
  compactDecrypt,
  compactVerify,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
} from "jose";
import { stampOpener } from "../../src/agent/open.ts";
import { hashJson, hashMessage } from "../../src/seal/canonical.ts";
import type { Claims } from "../../src/seal/claims.ts";
import { passes } from "../../src/pass.ts";
import { encrypted, type Sealer, signed, type StampContext } from "../../src/seal.ts";

const SIGNALS = { botScore: 87, ja4: "t13d", nested: { list: [1, null] } };
const NOW = 1_795_176_000_123;
const now = (): number => NOW;
const context: StampContext = {
  use: "append",
  chat: "chat-1",
  partId: "part-1",
  trigger: "submit-message",
  messageId: undefined,
  messageJson: undefined,
  actionJson: undefined,
};

async function pair(kid = "k1"): Promise<JWK & { d: string; x: string }> {
  const { privateKey } = await generateKeyPair("EdDSA", { extractable: true });
  const { kty, crv, x, d } = await exportJWK(privateKey);
  return { kty, crv, x, d, kid } as JWK & { d: string; x: string };
}

const secret = (): JWK & { k: string } => ({
  kty: "oct",
  kid: "e1",
  k: base64url.encode(crypto.getRandomValues(new Uint8Array(32))),
});

async function claimsOf(
  sealer: Sealer,
  key: JWK,
  context: StampContext,
  signals: typeof SIGNALS | null = SIGNALS,
): Promise<Claims> {
  const { proof } = await sealer.seal(signals, context) as { proof: string };
  const { d: _, ...publicKey } = key;
  const { payload } = await compactVerify(proof, await importJWK(publicKey, "EdDSA"));
  return JSON.parse(new TextDecoder().decode(payload)) as Claims;
}

describe("signed()", () => {
  test("a stamp is the signals, and a proof beside them", async () => {
    const key = await pair();
    const stamp = await signed({ key, now }).seal(SIGNALS, context) as Record<string, unknown>;
    const { proof, ...signals } = stamp;
    assert.deepEqual(signals, SIGNALS);
    assert.deepEqual(decodeProtectedHeader(proof as string), { alg: "EdDSA", typ: "edgestamp+jwt", kid: "k1" });
    assert.deepEqual(await claimsOf(signed({ key, now }), key, context), {
      iss: "edgestamp",
      aud: "trigger.dev",
      use: "append",
      sub: "chat-1",
      iat: 1_795_176_000,
      exp: 1_795_176_000 + 6 * 3600,
      jti: "part-1",
      trg: "submit-message",
      signals: SIGNALS,
    });
  });

  test("no signals are null, and their proof is all there is", async () => {
    const key = await pair();
    assert.deepEqual(Object.keys(await signed({ key }).seal(null, context) as object), ["proof"]);
    assert.equal((await claimsOf(signed({ key }), key, context, null)).signals, null);
  });

  test("claims name what a stamp is about", async () => {
    const key = await pair();
    const sealer = signed({ key, now, issuer: "edge-1", audience: "agents", lifetimeSeconds: 60 });
    const message = { id: "m-1", role: "user", parts: [] };
    const rows: readonly [
      about: Partial<StampContext>,
      claims: { readonly [name in keyof Claims]?: Claims[name] | undefined },
    ][] = [
      [{}, { iss: "edge-1", aud: "agents", exp: 1_795_176_060 }],
      [{ messageJson: JSON.stringify(message) }, { mid: "m-1", mh: await hashMessage(message) }],
      [{ messageJson: JSON.stringify(message), messageId: "m-2" }, { mid: "m-1" }],
      [{ messageJson: '{"role":"user"}', messageId: "m-2" }, { mid: "m-2", mh: await hashMessage({ role: "user" }) }],
      [{ messageJson: "null", messageId: "m-2" }, { mid: "m-2", mh: undefined }],
      [{ messageJson: "{not JSON}" }, { mid: undefined, mh: undefined }],
      [{ trigger: "regenerate-message", messageId: "a-1" }, { trg: "regenerate-message", mid: "a-1", mh: undefined }],
      [{ trigger: "action", actionJson: '{"type":"undo"}' }, {
        trg: "action",
        mid: undefined,
        mh: await hashJson({ type: "undo" }),
      }],
      [{ trigger: "action", actionJson: "null" }, { mh: await hashJson(null) }],
      [{ chat: undefined, trigger: undefined }, { sub: undefined, trg: undefined }],
      [{ use: "create", partId: "part-1" }, { use: "create", exp: undefined }],
    ];
    for (const [about, expected] of rows) {
      const claims = await claimsOf(sealer, key, { ...context, ...about });
      for (const [name, value] of Object.entries(expected)) {
        assert.equal(claims[name as keyof Claims], value, `${name} of ${JSON.stringify(about)}`);
      }
    }
  });

  test("jti is the X-Part-Id where that is plain, and fresh where it is not", async () => {
    const key = await pair();
    const jti = async (about: Partial<StampContext>): Promise<string> =>
      (await claimsOf(signed({ key }), key, { ...context, ...about })).jti;
    for (const partId of ["a", "A_b-9", "x".repeat(128)]) assert.equal(await jti({ partId }), partId);
    const fresh = await Promise.all(["", "a b", "é", "x".repeat(129), undefined].map((partId) => jti({ partId })));
    const ofCreate = await jti({ use: "create", partId: "a" });
    for (const id of [...fresh, ofCreate]) assert.match(id, /^[\da-f]{8}-[\da-f-]{27}$/);
    assert.equal(new Set([...fresh, ofCreate]).size, 6);
  });

  test("public halves are served, of every key in a set, and no private one", async () => {
    const [one, two] = [await pair("new"), await pair("old")];
    const { d: _, ...twoPublic } = two;
    for (const key of [{ keys: [one, two] }, { keys: [one, twoPublic] }, JSON.stringify({ keys: [one, two] })]) {
      const sealer = signed({ key });
      assert.deepEqual(sealer.jwks, {
        keys: [one, two].map(({ kid, x }) => ({ kty: "OKP", crv: "Ed25519", kid, x, use: "sig", alg: "EdDSA" })),
      });
      assert.equal((await claimsOf(sealer, one, context)).jti, "part-1");
    }
  });

  test("a pair whose halves do not belong together does not sign", async () => {
    const key = { ...await pair(), x: (await pair()).x };
    await assert.rejects(
      async () => await signed({ key }).seal(null, context),
      /^TypeError: Cannot use option `key`: its `x` does not belong to its `d`/,
    );
  });
});

describe("encrypted()", () => {
  test("a stamp is what only the secret opens", async () => {
    const key = secret();
    const sealer = encrypted({ key, now });
    const stamp = await sealer.seal(SIGNALS, context) as { sealed: string };
    assert.deepEqual(Object.keys(stamp), ["sealed"]);
    assert.deepEqual(decodeProtectedHeader(stamp.sealed), {
      alg: "dir",
      enc: "A256GCM",
      typ: "edgestamp+jwt",
      kid: "e1",
    });
    const { plaintext } = await compactDecrypt(stamp.sealed, base64url.decode(key.k));
    const claims = JSON.parse(new TextDecoder().decode(plaintext)) as Claims;
    assert.deepEqual(claims.signals, SIGNALS);
    assert.equal(claims.jti, "part-1");
    assert.equal(sealer.jwks, undefined);
    assert.notEqual((await sealer.seal(SIGNALS, context) as { sealed: string }).sealed, stamp.sealed);
  });
});

describe("stamps are opened", () => {
  const open = async (sealer: Sealer, keys: Parameters<typeof stampOpener>[0]): Promise<Claims> =>
    await stampOpener(keys, "edgestamp", "trigger.dev")(await sealer.seal(SIGNALS, context));

  test("by the keys that they were made with, and by no others", async () => {
    const [key, other] = [await pair(), await pair()];
    const { d: _, ...publicKey } = key;
    const { d: __, ...otherKey } = other;
    const [one, two] = [secret(), secret()];
    assert.deepEqual((await open(signed({ key }), publicKey)).signals, SIGNALS);
    assert.deepEqual((await open(signed({ key }), [one, JSON.stringify(publicKey)])).signals, SIGNALS);
    assert.deepEqual((await open(encrypted({ key: one }), { keys: [publicKey, one] })).signals, SIGNALS);
    for (
      const [sealer, keys] of [[signed({ key }), otherKey], [signed({ key }), one], [encrypted({ key: one }), two], [
        encrypted({ key: one }),
        publicKey,
      ]] as const
    ) {
      await assert.rejects(open(sealer, keys), { name: "StampRefusal", reason: "invalid" });
    }
  });

  test("what is no stamp is told apart from what has no seal", async () => {
    const opener = stampOpener(secret(), "edgestamp", "trigger.dev");
    for (
      const [stamp, reason] of [[undefined, "missing"], [null, "missing"], [{}, "unsealed"], ["x", "unsealed"], [
        [],
        "unsealed",
      ], [{ proof: 1 }, "invalid"]] as const
    ) {
      await assert.rejects(opener(stamp), { reason });
    }
  });
});

/** Runs while the runtime cannot import keys. */
async function withoutImports<T>(run: () => Promise<T>): Promise<T> {
  const { subtle } = crypto;
  const importKey = () => Promise.reject(new DOMException("no memory", "OperationError"));
  Object.defineProperty(subtle, "importKey", { value: importKey, configurable: true });
  try {
    return await run();
  } finally {
    delete (subtle as Partial<SubtleCrypto>).importKey;
  }
}

test("a key that could not be imported once is imported for the next stamp", async () => {
  const [key, other] = [await pair(), secret()];
  const { d: _, ...publicKey } = key;
  const rows: readonly [sealer: Sealer, keys: JWK][] = [
    [signed({ key, now }), publicKey],
    [encrypted({ key: other, now }), other],
  ];
  for (const [sealer, keys] of rows) {
    await assert.rejects(withoutImports(() => sealer.seal(SIGNALS, context)));
    const stamp = await sealer.seal(SIGNALS, context);
    const open = stampOpener(keys, "edgestamp", "trigger.dev");
    await assert.rejects(withoutImports(() => open(stamp)), { reason: "invalid" });
    assert.deepEqual((await open(stamp)).signals, SIGNALS);
  }
});

describe("keys and options that cannot be used are told in one line", () => {
  test("of a signed seal", async () => {
    const key = await pair();
    const { d: _, ...publicKey } = key;
    const rows: readonly [key: unknown, why: RegExp][] = [
      [undefined, /`key`: it is not a JWK; run `edgestamp keygen`/],
      ["", /it is empty/],
      ["  ", /it is empty/],
      ["{", /it is no JSON; run `edgestamp keygen` and give what stands after EDGE_SEAL_KEY=, without quotes$/],
      // Who has made one need not make another.
      [`EDGE_SEAL_KEY=${JSON.stringify(key)}`, /it is no JSON; give what stands after EDGE_SEAL_KEY=, without quotes$/],
      [`export EDGE_SEAL_KEY='${JSON.stringify(key)}'`, /it is no JSON; give what stands/],
      [`'${JSON.stringify(key)}'`, /it is no JSON; give what stands/],
      [`"${JSON.stringify(key)}"`, /it is no JSON; give what stands/],
      ["changeme", /it is a placeholder/],
      ["<your key here>", /it is a placeholder/],
      ['"text"', /it is not a JWK/],
      [{ keys: [] }, /there is no key in it/],
      [{ ...key, kid: undefined }, /no usable `kid`/],
      [{ ...key, kid: "a b" }, /no usable `kid`/],
      [publicKey, /it is a public key, which cannot sign/],
      [{ ...key, d: "x".repeat(43) }, /its `d` is a placeholder/],
      [{ ...key, d: "changeme" }, /its `d` is a placeholder/],
      [{ ...key, d: "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A" }, /its `d` is a placeholder/],
      [{ ...key, d: key.d.slice(1) }, /its `d` is too short: 256 bits are 43 characters/],
      [{ ...key, d: `${key.d}A` }, /its `d` is too long/],
      [{ ...key, d: `${key.d.slice(1)}+` }, /its `d` is not base64url/],
      [{ ...key, x: 7 }, /its `x` is not base64url/],
      [{ ...key, crv: "X25519" }, /it is no Ed25519 key/],
      [{ ...key, kty: "EC", crv: "P-256" }, /it is no Ed25519 key/],
      [{ ...key, alg: "ES256" }, /its `alg` is another/],
      [secret(), /it is no Ed25519 key/],
    ];
    for (const [given, why] of rows) expectLine(() => signed({ key: given as JWK }), why, key.d);
    for (const alg of ["EdDSA", "Ed25519"]) signed({ key: { ...key, alg } });
    expectLine(() => signed({ key, audience: "" }), /^Cannot use option `audience`: give a name/, key.d);
    expectLine(() => signed({ key, issuer: 7 as never }), /^Cannot use option `issuer`/, key.d);
    expectLine(() => signed({ key, lifetimeSeconds: 0.5 }), /^Cannot use option `lifetimeSeconds`/, key.d);
  });

  test("of an encrypted one", async () => {
    const key = secret();
    const rows: readonly [key: unknown, why: RegExp][] = [
      [{ ...key, k: key.k.slice(2) }, /its `k` is too short/],
      [{ ...key, k: "A".repeat(43) }, /its `k` is a placeholder/],
      [{ ...key, alg: "HS256" }, /its `alg` is another; leave it out, or make it A256GCM/],
      [await pair(), /it is no secret for encryption; run `edgestamp keygen --encrypted` and give what stands after/],
      [undefined, /it is not a JWK; run `edgestamp keygen --encrypted` and give what stands after EDGE_SEAL_KEY=, /],
      ["", /it is empty; run `edgestamp keygen --encrypted`/],
    ];
    for (const [given, why] of rows) expectLine(() => encrypted({ key: given as JWK }), why, key.k);
    encrypted({ key: JSON.stringify({ ...key, alg: "A256GCM" }) });
  });

  test("of passes", async () => {
    const rows: readonly [key: unknown, why: RegExp][] = [
      [undefined, /`key`: it is not a JWK; run `edgestamp keygen --encrypted` and give what stands after/],
      ["", /`key`: it is empty; run `edgestamp keygen --encrypted`/],
      [await pair(), /`key`: it is no secret for encryption; run `edgestamp keygen --encrypted`/],
    ];
    for (const [given, why] of rows) expectLine(() => passes({ key: given as JWK }), why, "?".repeat(9));
  });

  test("of an agent, where a new key would not match the proxy's", async () => {
    const key = await pair();
    const { d: _, ...publicKey } = key;
    const own = "give EDGE_SEAL_PUBLIC_KEYS, or for encrypted stamps EDGE_SEAL_SECRET_KEYS, " +
      "as `edgestamp keygen` printed it with the proxy's key: what stands after the =, without quotes";
    const rows: readonly [keys: unknown, why: string][] = [
      ["", `it is empty; ${own}`],
      [undefined, `it is not a JWK; ${own}`],
      [[], `there is no key in it; ${own}`],
      [`EDGE_SEAL_PUBLIC_KEYS=${JSON.stringify(publicKey)}`, `it is no JSON; ${own}`],
      [`EDGE_SEAL_SECRET_KEYS='${JSON.stringify(secret())}'`, `it is no JSON; ${own}`],
      [{ ...publicKey, x: publicKey.x!.slice(1) }, `its \`x\` is too short: 256 bits are 43 characters; ${own}`],
    ];
    for (const [given, why] of rows) {
      assert.throws(() => stampOpener(given as JWK, "edgestamp", "trigger.dev"), {
        name: "TypeError",
        message: `Cannot use option \`keys\`: ${why}`,
      });
    }
  });
});

function expectLine(make: () => unknown, why: RegExp, secret: string): void {
  assert.throws(make, (error: unknown) => {
    assert.ok(error instanceof TypeError);
    assert.match(error.message, why);
    assert.ok(
      !error.message.includes("\n") && !error.message.endsWith(".") && !error.message.includes(secret.slice(2)),
    );
    return true;
  });
}
