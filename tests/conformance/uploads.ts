/** Uploads and downloads that happen a part at a time. */
import assert from "node:assert/strict";
import { type Connection, open, type RawRequest, toBytes, within } from "./client.ts";
import type { Recorded } from "./recorder.ts";
import type { ServerName } from "./servers.ts";
import type { Surface } from "./surface.ts";

/** An upload whose rest is still to be written. */
export interface Upload extends Connection {
  /** The request as the upstream has it, once its head is there. */
  arrived(): Promise<Recorded>;
}

/** Writes a request's head and the first `size` bytes of its body. */
export function beginUpload(surface: Surface, request: RawRequest, size: number, to: ServerName = "standard"): Upload {
  const bytes = toBytes(request);
  const before = surface.upstream.requests.length;
  const connection = open(surface.ports[to], bytes.subarray(0, bytes.indexOf("\r\n\r\n") + 4 + size));
  return { ...connection, arrived: () => within(surface.upstream.next(before), 3_000, "the request did not arrive") };
}

/** Waits until `holds`, looking every few milliseconds. */
export async function eventually(holds: () => boolean, timeoutMs: number, what: string): Promise<void> {
  const end = Date.now() + timeoutMs;
  while (!holds()) {
    assert.ok(Date.now() < end, `${what} within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Gives things that must not happen the time to happen. */
export function settle(ms = 150): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
