/** The object store, as far as the SDK uses it: snapshots of chats, and packets that are too large to send along. */

import { forbidden } from "./answers.ts";
import { createKeeping, type Keeping } from "./journal.ts";
import type { Packet } from "./run.ts";
import type { Sign } from "./signer.ts";

export interface Objects {
  /** A URL that lets whoever holds it read (`GET`) or write (`PUT`) one object. */
  sign(origin: string, key: string, method: "GET" | "PUT"): Promise<string>;
  answer(request: Request, key: string, url: URL): Promise<Response>;
}

/** What is written down of an object. */
interface Kept {
  readonly key: string;
  readonly type: string;
  readonly base64: string;
}

export function createObjects(sign: Sign, keeping: Keeping = createKeeping(undefined)): Objects {
  const kept = new Map<string, { bytes: Uint8Array<ArrayBuffer>; type: string }>();
  const replay = (change: unknown) => {
    const { key, type, base64 } = change as Kept;
    kept.set(key, { type, bytes: Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)) });
  };
  const write = keeping.keep("objects", {
    replay,
    *changes() {
      for (const [key, { bytes, type }] of kept) yield { key, type, base64: toBase64(bytes) } satisfies Kept;
    },
  });
  return {
    async sign(origin, key, method) {
      return `${origin}/objects/${encodeURIComponent(key)}?signature=signature_${await sign(`${method} ${key}`)}`;
    },
    async answer(request, key, url) {
      const expected = `signature_${await sign(`${request.method} ${key}`)}`;
      if (url.searchParams.get("signature") !== expected) return forbidden();
      if (request.method === "PUT") {
        const type = request.headers.get("content-type") ?? "application/octet-stream";
        const bytes = new Uint8Array(await request.arrayBuffer());
        kept.set(key, { bytes, type });
        write({ key, type, base64: toBase64(bytes) } satisfies Kept);
        return new Response(null, { status: 200 });
      }
      const object = kept.get(key);
      if (object === undefined) return new Response("NoSuchKey", { status: 404 });
      return new Response(object.bytes, { headers: { "content-type": object.type } });
    },
  };
}

function toBase64(bytes: Uint8Array): string {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

/** Where a packet that is stored can be read. */
export function packetUrl(objects: Objects, origin: string, storagePath: string): Promise<string> {
  return objects.sign(origin, `packets/${storagePath}`, "GET");
}

export function isStored(packet: Packet): packet is Packet & { data: string } {
  return packet.dataType === "application/store" && packet.data !== null;
}
