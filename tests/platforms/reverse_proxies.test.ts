/** Real nginx, HAProxy and Caddy with the files of examples/, in front of the proxy, against clients that forge. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { after, before, describe, test } from "node:test";
import { FIELDS, type Kind } from "../../adapters/_fields.ts";
import { FASTLY_MAP, FASTLY_PROOF_HEADER } from "../../adapters/fastly.ts";
import { CADDY_MAP, HAPROXY_MAP, headers, NGINX_MAP } from "../../adapters/headers.ts";
import { serve } from "../../adapters/node.ts";
import { createProxy } from "../../mod.ts";
import { type Seen, startUpstream, until } from "../runtime/spawned.ts";
import { isMissing, PROXY_NAMES, type ProxyName, startProxy } from "./proxies.ts";

const SECRET = "kT9vB2qLx7RmZ4nWc8Hj3PfYd6Gs1Ua0";
const MAPS = { nginx: NGINX_MAP, haproxy: HAPROXY_MAP, caddy: CADDY_MAP } as const;
const APPEND = "/realtime/v1/sessions/chat/in/append";
const MESSAGE = '{"kind":"message","payload":{"chatId":"chat","metadata":{"__edge":{"ip":"6.6.6.6"}}}}';

/** Every header that `EDGE_TRUST=headers` reads, whether or not the proxy knows the field. */
const VOCABULARY = Object.fromEntries(
  Object.keys(FIELDS).map((
    field,
  ) => [field, `x-edgestamp-${field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`]),
);

/** What each kind would be read from. */
const PLAUSIBLE: Readonly<Record<Kind, string>> = {
  string: "forged",
  text: "forged",
  percent: "forged",
  number: "1",
  integer: "1",
  boolean: "true",
  botScore: "99",
  botScoreFromHuman: "0",
  country: "CH",
  asn: "1",
  ja3: "cd08e31494f9531f560d64c695473da9",
  ja4: "t13d1516h2_8daaf6152771_b186095e22b6",
  ip: "6.6.6.6",
};

const wholeVocabulary = Object.entries(VOCABULARY).map(([field, header]) =>
  [header, PLAUSIBLE[FIELDS[field as keyof typeof FIELDS]]] as const
);

/** What a client would have to say to be somebody else. */
const FORGED = [
  ["x-edgestamp-ip", "6.6.6.6"],
  ["X-EDGESTAMP-IP", "6.6.6.7"],
  ["x_edgestamp_ip", "6.6.6.8"],
  ["x-edgestamp-country", "CH"],
  ["x-edgestamp-city", "Bern"],
  ["x-edgestamp-asn", "1"],
  ["x-edgestamp-as-organization", "Example, Inc."],
  ["x-edgestamp-ja3", "cd08e31494f9531f560d64c695473da9"],
  ["x-edgestamp-tls-version", "TLSv1.3"],
  ["x-edgestamp-http-protocol", "HTTP/9"],
  ["x-edgestamp-proof", "x"],
  ["x-edgestamp-proof", SECRET],
  ["x-forwarded-for", "6.6.6.6"],
  ["forwarded", "for=6.6.6.6"],
  ["connection", "keep-alive, x-edgestamp-ip, x-edgestamp-proof"],
] as const;

function post(port: number, given: readonly (readonly [string, string])[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = httpRequest(
      { port, host: "127.0.0.1", method: "POST", path: APPEND, headers: given.flat() as never },
      (answer) => {
        answer.resume().on("end", () => resolve(answer.statusCode!));
      },
    );
    call.on("error", reject);
    call.end(MESSAGE);
  });
}

const base = (port: number) => [["host", `127.0.0.1:${port}`], ["content-length", String(MESSAGE.length)]] as const;

function stampOf(seen: Seen): unknown {
  return JSON.parse(seen.body).payload.metadata.__edge;
}

for (const name of PROXY_NAMES) {
  describe(name, { skip: isMissing(name) }, () => suite(name));
}

function suite(name: ProxyName): void {
  let upstream: Awaited<ReturnType<typeof startUpstream>>;
  let server: Awaited<ReturnType<typeof serve>>;
  let front: Awaited<ReturnType<typeof startProxy>>;
  let target: number;
  before(async () => {
    upstream = await startUpstream((seen, response) => {
      if (seen.method !== "GET") return void response.end("{}");
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("data: 1\n\n");
    });
    const trust = headers({
      map: { ...VOCABULARY, ...MAPS[name] },
      proof: { header: "x-edgestamp-proof", secret: SECRET },
    });
    server = await serve(createProxy({ upstream: upstream.url, trust }), { host: "127.0.0.1", port: 0 });
    target = Number(new URL(server.url).port);
    front = await startProxy(name, target, SECRET);
  });
  after(async () => {
    await front?.stop();
    await server?.stop(100);
    upstream?.close();
  });

  async function stamped(given: readonly (readonly [string, string])[]): Promise<unknown> {
    const from = upstream.seen.length;
    assert.equal(await post(front.port, [...base(front.port), ...given]), 200);
    const seen = upstream.seen[from]!;
    assert.deepEqual(Object.keys(seen.headers).filter((key) => /edgestamp|forwarded/.test(key)), []);
    return stampOf(seen);
  }

  test("says what it knows", async () => {
    const signals = await stamped([]) as Record<string, unknown>;
    assert.equal(signals["ip"], "127.0.0.1");
    assert.equal(signals["httpProtocol"], "HTTP/1.1");
  });
  test("a forged header does not survive, one by one", async () => {
    const honest = await stamped([]);
    for (const header of FORGED) assert.deepEqual(await stamped([header]), honest, header.join(": "));
  });
  test("nor any that the proxy does not know", async () => {
    assert.deepEqual(await stamped(wholeVocabulary), await stamped([]));
  });
  test("nor all at once", async () => assert.deepEqual(await stamped(FORGED), await stamped([])));
  test("nor around it", async () => {
    const forged = FORGED.filter(([, value]) => value !== SECRET);
    for (const given of [[], forged]) assert.equal(await post(target, [...base(target), ...given]), 503);
    const from = upstream.seen.length;
    // Both proofs at once are one too many.
    assert.equal(await post(target, [...base(target), ...FORGED]), 503);
    assert.equal(upstream.seen.length, from);
  });
  test("an event comes through at once", async () => {
    let first: string | undefined;
    const call = httpRequest(
      { port: front.port, host: "127.0.0.1", path: "/realtime/v1/sessions/chat/out" },
      (answer) => {
        answer.setEncoding("utf8").on("data", (text) => first ??= text).on("error", () => {});
      },
    );
    call.on("error", () => {}).end();
    assert.equal(await until(() => first, 3_000), "data: 1\n\n");
    call.destroy();
  });
}

test("the file for Envoy overwrites the whole vocabulary", () => {
  const text = readFileSync(new URL("../../examples/envoy/envoy.yaml", import.meta.url), "utf8");
  for (const header of [...Object.values(VOCABULARY), "x-edgestamp-proof"]) {
    assert.ok(text.includes(`{ append_action: OVERWRITE_IF_EXISTS_OR_ADD, header: { key: ${header}, value: "`), header);
  }
});

test("the VCL for Fastly leaves nothing of a client's, whichever line of it is left out", () => {
  const text = readFileSync(new URL("../../adapters/fastly.ts", import.meta.url), "utf8");
  const vcl = /```vcl\n([^]*?)```/.exec(text)![1]!.replaceAll(/^ \* ?/gm, "");
  const sets = [...vcl.matchAll(/^ *set req\.http\..*$/gm)].map(([line]) => line);
  const read = Object.values(FASTLY_MAP).map((source) => typeof source === "string" ? source : source.header);
  assert.equal(sets.length, read.length);
  for (const omitted of ["nothing", ...sets]) {
    const sent = runVcl(vcl.replace(omitted, ""), [...read, FASTLY_PROOF_HEADER, "x-edgestamp-colo"]);
    const missing = /X-[\w-]+/.exec(omitted)?.[0].toLowerCase();
    assert.deepEqual(Object.keys(sent).sort(), read.filter((header) => header !== missing).sort(), omitted);
    assert.ok(Object.values(sent).every((who) => who === "edge"), omitted);
  }
});

/** Does what the `set` and `unset` of a VCL's vcl_recv say to the headers that a client sent: who each is of then. */
function runVcl(vcl: string, names: readonly string[]): Record<string, "client" | "edge"> {
  const headers: Record<string, "client" | "edge"> = Object.fromEntries(names.map((name) => [name, "client"]));
  for (const [, verb, name] of vcl.matchAll(/^ *(set|unset) req\.http\.([\w*-]+)/gm)) {
    const lower = name!.toLowerCase();
    if (verb === "set") headers[lower] = "edge";
    const isMeant = (header: string): boolean =>
      lower.endsWith("*") ? header.startsWith(lower.slice(0, -1)) : header === lower;
    if (verb === "unset") { for (const header of Object.keys(headers).filter(isMeant)) delete headers[header]; }
  }
  return headers;
}
