/**
 * An upstream whose certificate nobody vouches for: self-signed, made here, for 127.0.0.1.
 */
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";

/** A listener that speaks TLS and must never be told anything. */
export interface Untrusted {
  /** `https://127.0.0.1:port`. */
  readonly origin: string;
  /** Its own certificate, for who would trust it. */
  readonly certificate: string;
  /** What callers said inside TLS, all of them together. */
  heard(): string;
  close(): Promise<void>;
}

/** Starts one. To who trusts it, it answers `200 {"ok":true}`. */
export async function startUntrusted(): Promise<Untrusted> {
  const { key, certificate } = selfSigned();
  let heard = "";
  const server = createServer({ key, cert: certificate }, (socket) => {
    socket.on("error", () => {});
    socket.on("data", (chunk: Buffer) => {
      heard += chunk.toString("latin1");
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\n{"ok":true}');
    });
  });
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    origin: `https://127.0.0.1:${port}`,
    certificate,
    heard: () => heard,
    close: async () => {
      server.close();
      await once(server, "close");
    },
  };
}

/** A value in DER: its tag, its length, its content (X.690 §8.1). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const time = (text: string): Buffer => der(0x18, Buffer.from(text));

/** A version 3 certificate that signs itself (RFC 5280 §4.1): ECDSA on P-256, for the address 127.0.0.1. */
function selfSigned(): { key: string; certificate: string } {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const algorithm = der(0x30, hex("06 08 2a8648ce3d040302"));
  const name = der(0x30, der(0x31, der(0x30, hex("06 03 550403"), der(0x0c, Buffer.from("127.0.0.1")))));
  const addresses = der(0x30, der(0x87, Buffer.from([127, 0, 0, 1])));
  const forAddress = der(0x30, hex("06 03 551d11"), der(0x04, addresses));
  const content = der(
    0x30,
    der(0xa0, hex("02 01 02")),
    hex("02 01 01"),
    algorithm,
    name,
    der(0x30, time("20200101000000Z"), time("20990101000000Z")),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    der(0xa3, der(0x30, forAddress)),
  );
  const signature = sign("sha256", content, privateKey);
  const certificate = der(0x30, content, algorithm, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString("base64").replace(/.{64}/g, "$&\n");
  return {
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`,
  };
}
