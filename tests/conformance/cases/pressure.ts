/** Nobody's slowness fills the proxy's memory: what is not taken on one side is not taken on the other. */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { open, toBytes } from "../client.ts";
import { bearer, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import type { Case } from "../surface.ts";
import { settle } from "../uploads.ts";

const MIB = 1024 * 1024;
const SENT_MIB = 96;

/** Far more than the buffers on the way hold, and far less than is sent. */
const HELD_MIB = 48;

/** Writes until nothing more is taken for a while, or all is; gives how much was taken, in MiB. */
async function fill(write: (part: Buffer) => Promise<void>): Promise<number> {
  const part = Buffer.alloc(MIB, "x");
  let taken = 0;
  void (async () => {
    for (let i = 0; i < SENT_MIB; i++) {
      await write(part);
      taken++;
    }
  })();
  for (let before = -1; before !== taken && taken < SENT_MIB;) {
    before = taken;
    await settle(400);
  }
  return taken;
}

const writeTo = (socket: Socket) => (part: Buffer): Promise<void> =>
  new Promise((resolve) => void socket.write(part, () => resolve()));

export const pressure: readonly Case[] = [
  {
    name: "takes no more of an answer than its caller takes",
    async run(surface) {
      const taken = new Promise<number>((resolve) => {
        surface.upstream.answer(async ({ write, request }) => {
          await write(`HTTP/1.1 200 OK\r\ncontent-length: ${SENT_MIB * MIB}\r\n\r\n`);
          resolve(await fill(write));
          await request.closed;
        });
      });
      const bytes = toBytes({ method: "GET", target: "/api/v1/packets/x", fields: [bearer(PUBLIC_TOKEN)] });
      const { socket } = open(surface.ports.standard, bytes);
      socket.pause();
      assert.ok(await taken < HELD_MIB, `${await taken} MiB were taken`);
      socket.destroy();
    },
  },
  {
    name: "takes no more of a server's upload than the upstream takes",
    async run(surface) {
      const length = ["Content-Length", String(SENT_MIB * MIB)] as const;
      const fields = [bearer(SECRET_KEY), length];
      surface.upstream.hold(true);
      const { socket } = open(surface.ports.standard, toBytes({ method: "PUT", target: "/api/v2/packets/x", fields }));
      const taken = await fill(writeTo(socket));
      socket.destroy();
      await settle(100);
      surface.upstream.hold(false);
      assert.ok(taken < HELD_MIB, `${taken} MiB were taken`);
    },
  },
];
