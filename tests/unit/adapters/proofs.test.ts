import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { headers, type ProofCheck } from "../../../adapters/headers.ts";
import { clientCertificate, cloudflareAccess, netlifySignature, peerWithin } from "../../../adapters/proofs.ts";
import { call, type Given, OLD, PROOF, SECRET } from "./tables.ts";

const BELIEVED = { country: "BR" };

async function believes(proof: ProofCheck, given: Given, peer = "192.0.2.1"): Promise<boolean> {
  const provider = headers({ map: { country: "x-country" }, proof });
  try {
    const signals = await provider.read(call({ "x-country": "BR", ...given }), {
      info: { socket: { remoteAddress: peer } },
    });
    assert.deepEqual(signals, BELIEVED);
    return true;
  } catch (error) {
    assert.match((error as Error).message, /the proof is absent or wrong$/);
    return false;
  }
}

const key = (secret: string): Uint8Array => new TextEncoder().encode(secret);
const netlifyToken = (claims: object, secret = SECRET, alg = "HS256"): Promise<string> =>
  new SignJWT({ iss: "netlify", site_url: "https://app.example", ...claims }).setProtectedHeader({ alg })
    .setExpirationTime("5m").sign(key(secret));

describe("netlifySignature()", () => {
  const proof = netlifySignature({ secret: [SECRET, OLD], siteUrl: "https://app.example" });
  const rows: readonly [what: string, token: () => Promise<string> | string, believed: boolean][] = [
    ["right", () => netlifyToken({}), true],
    ["by the other of two secrets", () => netlifyToken({}, OLD), true],
    ["by another secret", () => netlifyToken({}, `${SECRET}x`), false],
    ["by another algorithm", () => netlifyToken({}, SECRET, "HS512"), false],
    ["of another issuer", () => netlifyToken({ iss: "me" }), false],
    ["of another site", () => netlifyToken({ site_url: "https://evil.example" }), false],
    [
      "expired",
      () =>
        new SignJWT({ iss: "netlify", site_url: "https://app.example", exp: 1 }).setProtectedHeader({ alg: "HS256" })
          .sign(key(SECRET)),
      false,
    ],
    [
      "without an end",
      () =>
        new SignJWT({ iss: "netlify", site_url: "https://app.example" }).setProtectedHeader({ alg: "HS256" }).sign(
          key(SECRET),
        ),
      false,
    ],
    [
      "unsigned",
      () =>
        `${btoa('{"alg":"none"}').replaceAll("=", "")}.${
          btoa('{"iss":"netlify","exp":9999999999}').replaceAll("=", "")
        }.`,
      false,
    ],
    ["garbled", () => "x.y.z", false],
    ["empty", () => "", false],
  ];
  for (const [what, token, believed] of rows) {
    test(what, async () => assert.equal(await believes(proof, { "x-nf-sign": await token() }), believed));
  }
  test("absent", async () => assert.equal(await believes(proof, {}), false));
  test("twice", async () => {
    const token = await netlifyToken({});
    assert.equal(await believes(proof, { "x-nf-sign": [token, token] }), false);
  });
  test("its header does not go upstream", () =>
    assert.deepEqual(headers({ map: { country: "x-country" }, proof }).consumes, ["x-country", "x-nf-sign"]));
  test("a weak secret stops the start", () => assert.throws(() => netlifySignature({ secret: "short" }), TypeError));
});

describe("cloudflareAccess()", () => {
  const team = "acme", audience = "tag", issuer = "https://acme.cloudflareaccess.com";
  async function setUp(status = 200) {
    const pair = await generateKeyPair("RS256", { extractable: true });
    const jwk = { ...await exportJWK(pair.publicKey), kid: "1", alg: "RS256" };
    const asked: string[] = [];
    const fetch = (url: string): Promise<Response> => {
      asked.push(url);
      return Promise.resolve(Response.json({ keys: [jwk] }, { status }));
    };
    const token = (claims: object = {}): Promise<string> =>
      new SignJWT({ iss: issuer, aud: [audience], ...claims }).setProtectedHeader({ alg: "RS256", kid: "1" })
        .setExpirationTime("1h").sign(pair.privateKey);
    return { asked, token, fetch };
  }
  test("right, by keys that are fetched once", async () => {
    const { asked, token, fetch } = await setUp();
    const proof = cloudflareAccess({ team, audience, and: PROOF, fetch });
    const given = { "cf-access-jwt-assertion": await token(), [PROOF.header]: SECRET };
    assert.equal(await believes(proof, given), true);
    assert.equal(await believes(proof, given), true);
    assert.deepEqual(asked, [`${issuer}/cdn-cgi/access/certs`]);
  });
  test("not without the other proof: a user has the token, too", async () => {
    const { token, fetch } = await setUp();
    const given = { "cf-access-jwt-assertion": await token() };
    assert.equal(await believes(cloudflareAccess({ team, audience, and: PROOF, fetch }), given), false);
    assert.equal(await believes(cloudflareAccess({ team, audience, and: "trusted-users", fetch }), given), true);
  });
  test("not for another audience, issuer or time", async () => {
    const { token, fetch } = await setUp();
    const proof = cloudflareAccess({ team, audience, and: "trusted-users", fetch });
    for (const claims of [{ aud: ["other"] }, { iss: "https://evil.cloudflareaccess.com" }, { nbf: 9_999_999_999 }]) {
      assert.equal(await believes(proof, { "cf-access-jwt-assertion": await token(claims) }), false);
    }
    assert.equal(await believes(proof, {}), false);
  });
  test("keys that cannot be fetched are an error of its own", async () => {
    const { token, fetch } = await setUp(500);
    const proof = cloudflareAccess({ team, audience, and: "trusted-users", fetch });
    await assert.rejects(
      async () => await proof.verify(call({ "cf-access-jwt-assertion": await token() })),
      /Expected 200/,
    );
  });
  test("what stops the start", () => {
    assert.throws(() => cloudflareAccess({ team: "https://acme", audience, and: PROOF }), TypeError);
    assert.throws(() => cloudflareAccess({ team, audience, and: undefined as unknown as "trusted-users" }), TypeError);
  });
});

describe("clientCertificate() and peerWithin()", () => {
  const certificate = clientCertificate({ header: "X-Client-Verify", and: PROOF });
  const peer = peerWithin({ cidrs: ["192.0.2.0/24", "2001:db8::/32"], and: PROOF });
  const secret = { [PROOF.header]: SECRET };
  const rows: readonly [what: string, proof: ProofCheck, given: Given, peer: string, believed: boolean][] = [
    ["a good certificate", certificate, { ...secret, "x-client-verify": "SUCCESS" }, "1.1.1.1", true],
    ["a bad certificate", certificate, { ...secret, "x-client-verify": "FAILED:expired" }, "1.1.1.1", false],
    ["no certificate", certificate, secret, "1.1.1.1", false],
    ["two verdicts", certificate, { ...secret, "x-client-verify": ["SUCCESS", "NONE"] }, "1.1.1.1", false],
    ["a verdict without the secret", certificate, { "x-client-verify": "SUCCESS" }, "1.1.1.1", false],
    ["a peer within", peer, secret, "192.0.2.9", true],
    ["a peer within, mapped", peer, secret, "::ffff:192.0.2.9", true],
    ["a peer within, IPv6", peer, secret, "2001:db8::1", true],
    ["a peer without", peer, secret, "192.0.3.9", false],
    ["a peer within, without the secret", peer, {}, "192.0.2.9", false],
  ];
  for (const [what, proof, given, from, believed] of rows) {
    test(what, async () => assert.equal(await believes(proof, given, from), believed));
  }
  test("neither stands alone", () => {
    assert.throws(() => peerWithin({ cidrs: ["192.0.2.0/24"], and: undefined as never }), TypeError);
    assert.throws(() => clientCertificate({ header: "x-v", and: undefined as never }), TypeError);
  });
});
