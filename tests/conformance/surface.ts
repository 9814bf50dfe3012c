/**
 * What a case is given: real servers of one runtime, a recording upstream behind them, and a
 * listener that nothing may ever reach.
 */
import assert from "node:assert/strict";
import { type Answered, exchange, type RawRequest, toBytes } from "./client.ts";
import { valueOf } from "./http1.ts";
import { faultsOf } from "./oracle.ts";
import { type Recorded, type Recorder, startRecorder } from "./recorder.ts";
import type { Runtime, ServerName } from "./servers.ts";

/** The servers of one runtime and what is around them. */
export interface Surface {
  readonly runtime: Runtime;
  readonly ports: Readonly<Record<ServerName, number>>;
  readonly upstream: Recorder;
  /** Another host: no request may be led there. */
  readonly evil: Recorder;
  /** What these servers stamp. */
  readonly stamp: unknown;
}

/** Servers that run, and how they are stopped. */
export interface Started {
  readonly ports: Readonly<Record<string, number>>;
  stop(): Promise<unknown>;
}

/** Starts recorders and the servers between which they stand. `stop` ends all of them. */
export async function startSurface<S extends Started>(
  runtime: Runtime,
  stamp: unknown,
  start: (upstream: Recorder) => Promise<S>,
): Promise<{ readonly surface: Surface; readonly servers: S; stop(): Promise<void> }> {
  const [upstream, evil] = await Promise.all([startRecorder(), startRecorder()]);
  const closeBoth = (): Promise<unknown> => Promise.all([upstream.close(), evil.close()]);
  try {
    const servers = await start(upstream);
    const ports = servers.ports as Record<ServerName, number>;
    const stop = async (): Promise<void> => {
      await servers.stop();
      await closeBoth();
    };
    return { surface: { runtime, upstream, evil, stamp, ports }, servers, stop };
  } catch (error) {
    await closeBoth();
    throw error;
  }
}

/** One black-box case. It throws where the proxy does not hold. */
export interface Case {
  readonly name: string;
  run(surface: Surface): Promise<void>;
}

/** One request, its answer, and what reached the upstream meanwhile. */
export interface Exchanged {
  readonly answer: Answered;
  readonly arrived: readonly Recorded[];
}

/** Sends a request and reads the whole answer. */
export function send(surface: Surface, request: RawRequest, to: ServerName = "standard"): Promise<Exchanged> {
  return sendBytes(surface, toBytes(request), to);
}

/** Sends bytes as they are and reads the whole answer. */
export async function sendBytes(surface: Surface, bytes: Uint8Array, to: ServerName = "standard"): Promise<Exchanged> {
  const before = surface.upstream.requests.length;
  const answer = await exchange(surface.ports[to], bytes);
  return { answer, arrived: surface.upstream.requests.slice(before) };
}

/** Sends bytes that a server may rightly leave unanswered, or answer by closing: then the status is 0. */
export async function tryBytes(surface: Surface, bytes: Uint8Array, to: ServerName = "standard"): Promise<Exchanged> {
  const before = surface.upstream.requests.length;
  const answer = await exchange(surface.ports[to], bytes, 1_000).catch((): Answered => UNANSWERED);
  return { answer, arrived: surface.upstream.requests.slice(before) };
}

const UNANSWERED: Answered = {
  status: 0,
  fields: [],
  interim: [],
  parts: (async function* () {})(),
  body: Buffer.alloc(0),
};

/** The host and port that the upstream must be called by. */
export function authority({ upstream }: Pick<Surface, "upstream">): string {
  return `127.0.0.1:${upstream.port}`;
}

/** The one request that arrived, which must be without fault. */
export function theOne(surface: Surface, { answer, arrived }: Exchanged, stamp = surface.stamp): Recorded {
  assert.equal(arrived.length, 1, `${arrived.length} requests arrived, and the caller got ${describe(answer)}`);
  assert.deepEqual(faultsOf(arrived[0]!, authority(surface), [stamp]), []);
  return arrived[0]!;
}

/** A refusal: nothing arrived, and the caller was told why. */
export function assertRefused({ answer, arrived }: Exchanged, status: number, code: string): void {
  assert.equal(arrived.length, 0, "what was to be refused reached the upstream");
  assert.equal(answer.status, status, describe(answer));
  const told = JSON.parse(answer.body.toString()) as { ok: boolean; error: string; code: string };
  assert.equal(told.code, code, describe(answer));
  assert.equal(told.ok, false);
  assert.match(told.error, /^[A-Z].*[^.]$/);
  assert.match(valueOf(answer.fields, "content-type") ?? "", /^application\/json/);
  // Nobody else is to be given it.
  assert.equal(valueOf(answer.fields, "cache-control"), "no-store");
  // The SDK would send it again, to no avail.
  const passing = status === 408 || status === 429 || status >= 500;
  assert.equal(valueOf(answer.fields, "x-should-retry"), passing ? undefined : "false");
}

/**
 * Holds for whatever was sent: what arrived is without fault, the proxy did not fail, and the other
 * host heard nothing.
 */
export function assertSafe(surface: Surface, { answer, arrived }: Exchanged): void {
  for (const request of arrived) {
    assert.deepEqual(faultsOf(request, authority(surface), [surface.stamp]), [], `${request.method} ${request.target}`);
  }
  assert.equal(surface.evil.connections(), 0, "another host was called");
  assert.ok(answer.status < 500 || [501, 505].includes(answer.status), `the proxy failed: ${describe(answer)}`);
}

/** An answer in a few words, for a failure's message. */
export function describe({ status, body }: Answered): string {
  return `${status} ${body.toString().slice(0, 300)}`;
}
