/**
 * Request bodies as Node's http server gives them, without a stream of the web's around them: that
 * costs several times what everything else does that the proxy does to a short message.
 *
 * @module
 */
import type { IncomingMessage } from "node:http";
import { addTo, type Bytes, join } from "../src/pieces.ts";

/** Gives a request that srvx made a `bytes()` that reads straight from Node's own, where nobody has read from that yet. */
export function readBytesFrom(incoming: IncomingMessage, request: Request): void {
  // On serverless platforms the body may be there already, under a name of theirs that srvx knows.
  if ("rawBody" in incoming || incoming.readableDidRead || incoming.destroyed) return;
  Object.defineProperty(request, "bytes", { value: () => collect(incoming) });
}

function collect(incoming: IncomingMessage): Promise<Bytes> {
  const pieces: Bytes[] = [];
  return new Promise((resolve, reject) => {
    incoming.on("data", (chunk: Bytes) => addTo(pieces, chunk));
    incoming.once("end", () => resolve(join(pieces)));
    incoming.once("error", reject);
    // After its end, too, where nothing listens any more.
    incoming.once("close", () => reject(new Error("The body broke off")));
  });
}
