/**
 * Random mutations of valid requests, head and body: nothing is thrown, the proxy never fails, and no forged stamp is
 * accepted by the stack. Mostly in one process, for speed; a part of them over raw sockets.
 */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import * as fc from "fast-check";
import { createProxy } from "../../mod.ts";
import { open, within } from "../conformance/client.ts";
import { GUARDS, type Harness, startHarness } from "../stack/harness.ts";
import { assertNoFailure, assertPromises } from "../stack/promises.ts";
import { createStack } from "../stack/remix_upstream.ts";
import { SECRET_KEY } from "../stack/spellings.ts";
import { check } from "../unit/properties/runs.ts";
import { NAMESPACE, STAMP } from "../unit/properties/through_proxy.ts";
import { apply, changes, CORPUS, mutate, type Parts } from "./mutations.ts";

const stack = createStack([SECRET_KEY]);
const proxies = GUARDS.map((guard) => {
  const proxy = createProxy({ upstream: "http://upstream.invalid", namespace: NAMESPACE, guard, trust: () => STAMP });
  return { guard, proxy };
});
const entries = fc.constantFrom(...CORPUS);
const realFetch = globalThis.fetch;
let harness: Harness;

before(async () => {
  harness = await startHarness();
});
after(() => harness.close());

/** What a request of these parts is to a server; `undefined` where no server would hand it on. */
function toRequest({ method, target, authorization, headers, body }: Parts): Request | undefined {
  try {
    const fields = new Headers();
    for (const line of headers.toString("latin1").split("\r\n")) {
      const colon = line.indexOf(":");
      if (colon > 0) fields.append(line.slice(0, colon), line.slice(colon + 1));
    }
    if (authorization.length > 0) fields.set("authorization", authorization.toString("latin1"));
    // How a body is framed is settled before a request is handed on: the raw sockets are for that.
    fields.delete("transfer-encoding");
    fields.set("content-length", String(body.length));
    const reads = /^(?:GET|HEAD)$/i.test(method.toString());
    const url = `http://proxy.test/${target.toString("latin1").replace(/^\//, "")}`;
    return new Request(url, {
      method: method.toString("latin1"),
      headers: fields,
      body: reads || body.length === 0 ? null : Uint8Array.from(body),
    });
  } catch {
    return undefined;
  }
}

/** The upstream in this process, in the place of the network. */
const upstreamFetch = async (url: string, { method, headers, body }: RequestInit): Promise<Response> => {
  const fields = new Headers(headers);
  if (body instanceof Uint8Array) fields.set("content-length", String(body.byteLength));
  return stack.fetch(
    new Request(url, { method: method!, headers: fields, body: body ?? null, duplex: "half" } as RequestInit),
  );
};

it("in one process", { timeout: 3_600_000 }, async () => {
  let handled = 0;
  let accepted = 0;
  globalThis.fetch = upstreamFetch as typeof fetch;
  try {
    const property = fc.asyncProperty(entries, changes, fc.nat(GUARDS.length - 1), async (parts, list, which) => {
      const mutated = mutate(parts, list);
      const request = toRequest(mutated);
      if (request === undefined) return;
      handled++;
      stack.accepted.length = 0;
      const { guard, proxy } = proxies[which]!;
      const response = await proxy.fetch(request);
      assertNoFailure(response.status, Buffer.from(await response.arrayBuffer()));
      for (const one of stack.accepted) await assertPromises(one, guard, mutated.body);
      accepted += stack.accepted.length;
    });
    await check("mutations in one process", property, 4000);
  } finally {
    globalThis.fetch = realFetch;
  }
  console.log(`# handled ${handled}, accepted by the stack ${accepted}`);
  assert.ok(accepted > handled / 10 || handled < 100, "hardly anything was accepted: the mutations are too many");
});

it("over raw sockets", { timeout: 3_600_000 }, async () => {
  let accepted = 0;
  const anywhere = fc.array(
    fc.record({
      way: fc.constantFrom("flip", "set", "insert", "delete", "repeat", "swap"),
      at: fc.nat(9999),
      length: fc.nat(40),
      what: fc.nat(9999),
    }),
    { minLength: 1, maxLength: 3 },
  );
  const property = fc.asyncProperty(entries, anywhere, fc.constantFrom(...GUARDS), async (parts, list, guard) => {
    const { port, stack: { accepted: arrived } } = harness.at(guard);
    const answer = await answerTo(port, list.reduce(apply, toWire(parts)));
    assertNoFailure(answer.status, answer.body);
    // What was pipelined by accident may arrive after its answer, and is judged with a later one.
    const batch = arrived.splice(0);
    for (const one of batch) await assertPromises(one, guard);
    accepted += batch.length;
  });
  await check("mutations over raw sockets", property, 500, 0.1);
  console.log(`# accepted by the stack ${accepted}`);
});

function toWire({ method, target, authorization, headers, body }: Parts): Buffer {
  const end = Buffer.from("\r\n");
  return Buffer.concat([
    method,
    Buffer.from(" "),
    target,
    Buffer.from(" HTTP/1.1\r\nHost: proxy.test\r\nConnection: close\r\n"),
    headers,
    authorization.length > 0 ? Buffer.concat([Buffer.from("Authorization: "), authorization, end]) : Buffer.alloc(0),
    Buffer.from(`Content-Length: ${body.length}\r\n\r\n`),
    body,
  ]);
}

/** The first answer; none where the connection ends without one. The sender says that no more bytes will come. */
async function answerTo(port: number, bytes: Buffer): Promise<{ status: number; body: Buffer }> {
  const { socket, opened } = open(port, bytes);
  socket.end();
  try {
    const { status, parts } = await opened();
    const all: Buffer[] = [];
    const collected = (async () => {
      for await (const part of parts) all.push(part);
    })();
    // A response that ends early is no answer, but no failure of the proxy's either.
    await within(collected, 8_000, "the answer did not end").catch(() => {});
    return { status, body: Buffer.concat(all) };
  } finally {
    socket.destroy();
  }
}
