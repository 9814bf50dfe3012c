/** Nobody's slowness fills the proxy's memory: what is not taken on one side is not taken on the other. */
import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { open, toBytes } from "../client.ts";
import { CAN_ASK, queuedBytes } from "../kernel.ts";
import { bearer, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import type { Case, Surface } from "../surface.ts";
import { settle } from "../uploads.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const SENT_MIB = 96;
const PART = Buffer.alloc(16 * KIB, "x");

/**
 * What a proxy may hold of one body, beside what lies in the kernel's socket buffers: a few buffers of its
 * runtime's own. Measured: Node 0.3 MiB, Bun 0.7, Deno 0.4, workerd 1.2.
 */
const HELD_BYTES = 2 * MIB;

/** What the kernel may hold on both legs, each way up to its largest buffers, where it cannot be asked. */
const KERNEL_BYTES = 48 * MIB;

/** A slow side: this much in each step, ten steps a second. */
const SIP_BYTES = KIB;
const SIPS = 12;

/** How much was taken of what is written, while the other side takes next to nothing. */
interface Filling {
  taken: number;
}

/** Writes as fast as it is taken, and counts what was. */
function fill(write: (part: Buffer) => Promise<void>): Filling {
  const filling: Filling = { taken: 0 };
  void (async () => {
    while (filling.taken < SENT_MIB * MIB) {
      await write(PART);
      filling.taken += PART.length;
    }
  })();
  return filling;
}

/** Waits until nothing more is taken. */
async function stalled(filling: Filling): Promise<void> {
  for (let before = -1; before !== filling.taken;) {
    before = filling.taken;
    await settle(250);
  }
}

/**
 * Sips from `reader` what is written at full speed, and asserts that the proxy holds no more than its
 * buffers: at first, and after a while of sipping, too.
 */
async function holdsLittle(surface: Surface, filling: Filling, reader: Socket): Promise<void> {
  const ports = [surface.ports.standard, surface.upstream.port];
  const held = (): number => filling.taken - reader.bytesRead - (CAN_ASK ? queuedBytes(ports) : 0);
  const bound = HELD_BYTES + (CAN_ASK ? 0 : KERNEL_BYTES);
  await stalled(filling);
  const first = held();
  assert.ok(filling.taken < SENT_MIB * MIB, "everything was taken");
  assert.ok(first < bound, `the proxy held ${first} bytes`);
  for (let sip = 0; sip < SIPS; sip++) {
    reader.read(SIP_BYTES);
    await settle(100);
  }
  const later = held();
  assert.ok(later < bound, `the proxy held ${later} bytes after ${SIPS} sips`);
}

const writeTo = (socket: Socket) => (part: Buffer): Promise<void> =>
  new Promise((resolve) => void socket.write(part, () => resolve()));

export const pressure: readonly Case[] = [
  {
    name: "holds no more of an answer than a buffer while its caller sips",
    async run(surface) {
      const begun = new Promise<Filling>((resolve) => {
        surface.upstream.answer(async ({ write, request }) => {
          await write(`HTTP/1.1 200 OK\r\ncontent-length: ${SENT_MIB * MIB}\r\n\r\n`);
          resolve(fill(write));
          await request.closed;
        });
      });
      const bytes = toBytes({ method: "GET", target: "/api/v1/packets/x", fields: [bearer(PUBLIC_TOKEN)] });
      const { socket } = open(surface.ports.standard, bytes);
      socket.removeAllListeners("data").pause();
      await holdsLittle(surface, await begun, socket);
      socket.destroy();
    },
  },
  {
    name: "holds no more of a server's upload than a buffer while the upstream sips",
    async run(surface) {
      const length = ["Content-Length", String(SENT_MIB * MIB)] as const;
      const fields = [bearer(SECRET_KEY), length];
      surface.upstream.hold(true);
      const { socket } = open(surface.ports.standard, toBytes({ method: "PUT", target: "/api/v2/packets/x", fields }));
      const filling = fill(writeTo(socket));
      await stalled(filling);
      await holdsLittle(surface, filling, surface.upstream.held());
      socket.destroy();
      await settle(100);
      surface.upstream.hold(false);
    },
  },
];
