/**
 * Request bodies as Node's http server gives them, without a stream of the web's around them: that
 * costs several times what everything else does that the proxy does to a short message.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";

/** Gives a request that srvx made a `bytes()` that reads straight from Node's own, where nobody has read from that yet. */
export function readBytesFrom(incoming: IncomingMessage, request: Request): void {
  // On serverless platforms the body may be there already, under a name of theirs that srvx knows.
  if ("rawBody" in incoming || incoming.readableDidRead || incoming.destroyed) return;
  Object.defineProperty(request, "bytes", { value: () => collect(incoming) });
}

/** One buffer that grows: a list of what came would cost hundreds of bytes for each byte of a body in tiny chunks. */
function collect(incoming: IncomingMessage): Promise<Uint8Array<ArrayBuffer>> {
  let held: Uint8Array<ArrayBuffer> | undefined;
  let size = 0;
  return new Promise((resolve, reject) => {
    incoming.on("data", (chunk: Uint8Array<ArrayBuffer>) => {
      const grown = size + chunk.byteLength;
      if (held === undefined) {
        // Most bodies come in one piece, which is kept as it is.
        held = chunk;
      } else {
        if (grown > held.length) {
          const larger = new Uint8Array(Math.max(grown, 2 * held.length));
          larger.set(held.subarray(0, size));
          held = larger;
        }
        held.set(chunk, size);
      }
      size = grown;
    });
    incoming.once("end", () => resolve(held?.subarray(0, size) ?? new Uint8Array(0)));
    incoming.once("error", reject);
    // After its end, too, where nothing listens any more.
    incoming.once("close", () => reject(new Error("The body broke off")));
  });
}
