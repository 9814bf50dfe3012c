/** The algorithms of the seals on this runtime, by the examples of their RFCs. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { base64url, compactDecrypt, CompactEncrypt, CompactSign, compactVerify, importJWK } from "jose";

const text = new TextEncoder();

test("RFC 8037, A.4 and A.5: Ed25519 signing and verification", async () => {
  const x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
  const d = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A";
  const token = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc." +
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
  const privateKey = await importJWK({ kty: "OKP", crv: "Ed25519", d, x }, "EdDSA");
  const publicKey = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
  const payload = text.encode("Example of Ed25519 signing");
  assert.equal(await new CompactSign(payload).setProtectedHeader({ alg: "EdDSA" }).sign(privateKey), token);
  assert.deepEqual((await compactVerify(token, publicKey, { algorithms: ["EdDSA"] })).payload, payload);
});

/** RFC 7516, appendix A.1, without the encryption of its key. */
const A1 = {
  key: base64url.decode("saH0gFSP4XM_tAP_a5rU9ooHbltwLiJpL4LLLnrqQPw"),
  iv: base64url.decode("48V1_ALb6US04U3b"),
  header: "eyJhbGciOiJSU0EtT0FFUCIsImVuYyI6IkEyNTZHQ00ifQ",
  ciphertext: "5eym8TW_c8SuK0ltJ3rpYIzOeDQz7TALvtu6UG9oMo4vpzs9tX_EFShS8iB7j6jiSdiwkIr3ajwQzaBtQD_A",
  tag: "XFBoMYUZodetZdvTiFvSkQ",
  plaintext: text.encode("The true sign of intelligence is not knowledge but imagination."),
};

test("RFC 7516, A.1: A256GCM", async () => {
  const key = await crypto.subtle.importKey("raw", A1.key as BufferSource, "AES-GCM", false, ["encrypt"]);
  const algorithm = {
    name: "AES-GCM",
    iv: A1.iv as BufferSource,
    additionalData: text.encode(A1.header),
    tagLength: 128,
  };
  const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, A1.plaintext));
  assert.equal(base64url.encode(sealed.subarray(0, -16)), A1.ciphertext);
  assert.equal(base64url.encode(sealed.subarray(-16)), A1.tag);
});

test("RFC 7516: a direct key's JWE has an empty second part, and is read back", async () => {
  const token = await new CompactEncrypt(A1.plaintext).setProtectedHeader({ alg: "dir", enc: "A256GCM" }).encrypt(
    A1.key,
  );
  assert.match(token, /^[\w-]+\.\.[\w-]{16}\.[\w-]+\.[\w-]{22}$/);
  assert.deepEqual(new Uint8Array((await compactDecrypt(token, A1.key)).plaintext), A1.plaintext);
});
