/**
 * Where the runtimes differ in what they can do at all, and what a case may therefore expect.
 * Everything else is expected of all four.
 */
import type { Socket } from "node:net";
import type { Runtime } from "./servers.ts";

/**
 * Whether a body that is still arriving can be answered with its `Content-Length`. Bun.serve sends
 * every stream chunked, also the untouched answer of its own fetch (bun 1.4.5).
 */
export function keepsLengthOfStreams(runtime: Runtime): boolean {
  return runtime !== "bun";
}

/**
 * Whether an answer's head goes out before the first byte of its body. Bun.serve holds it back
 * until there is one, whatever the body's source (bun 1.4.5).
 */
export function sendsHeadAtOnce(runtime: Runtime): boolean {
  return runtime !== "bun";
}

/**
 * Whether a caller who has closed its own half of the connection still gets its answer. Node and Bun take
 * it for one who left (node 24.21, bun 1.4.5): its message is carried through all the same.
 */
export function answersHalfClosed(runtime: Runtime): boolean {
  return runtime === "deno" || runtime === "workerd";
}

/** Whether a connection that is to be closed is closed though its request has not ended. Deno waits for that (deno 2.9.6). */
export function closesOnUnread(runtime: Runtime): boolean {
  return runtime !== "deno";
}

/** Whether its fetch takes an answer's head of any size: Bun bounds it by time alone (bun 1.4.5). */
export function takesAnyHead(runtime: Runtime): boolean {
  return runtime === "bun";
}

/**
 * Whether a program sees the end of all that it began. workerd drops a request whose caller left, its
 * timers and promises with it, and no code of the Worker runs for that; and a caller who left a silent
 * stream without a reset it has not noticed (see {@link leave}).
 */
export function seesEveryEnd(runtime: Runtime): boolean {
  return runtime !== "workerd";
}

/**
 * Leaves as a caller who is gone. workerd takes a closed connection for a half-closed one until a
 * write to it fails (workerd 2026-11-17), so where nothing is written only a reset tells it.
 */
export function leave(socket: Socket, runtime: Runtime): void {
  if (runtime === "workerd") socket.resetAndDestroy();
  else socket.destroy();
}

// What runtimes say on their standard error of what is not the proxy's fault: an upstream that
// broke off in the middle of an answer (Bun), a change of Deno's own that is to come, and a certificate
// that does not verify (workerd).
const NOISE: Readonly<Record<Runtime, RegExp>> = {
  bun:
    /^(?:TypeError: ECONNRESET: The socket connection was closed|\s+path: "http|\s*errno: 0,|\s+code: "ECONNRESET"|$)/,
  // On Netlify whatever is said has a line's own particulars before it.
  deno: /^(?:(?:\{"__nfmeta":\{\}\} )?Deno\.serve: request\.signal aborts on successful responses|$)/,
  node: /^$/,
  workerd: /^(?:workerd\/.*: TLS handshake failed: invalid peer certificate: |stack: workerd@|$)/,
};

/** What a server complained of on its standard error, beyond what its runtime always says. */
export function complaints(runtime: Runtime, stderr: string): string[] {
  return stderr.split("\n").filter((line) => !NOISE[runtime].test(line));
}
