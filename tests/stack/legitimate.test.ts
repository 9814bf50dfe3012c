/** What is legitimate arrives: stamped where it is to be stamped, and to the byte as it was sent everywhere else. */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { after, before, describe, it } from "node:test";
import type { GuardSetting } from "../../mod.ts";
import { type Answered, exchange, toBytes } from "../conformance/client.ts";
import type { Field } from "../conformance/http1.ts";
import { edit, WAYS } from "../unit/properties/splice_model.ts";
import { STAMP } from "../unit/properties/through_proxy.ts";
import { type Harness, startHarness } from "./harness.ts";
import { CHAT, type Legitimate, tokenFor } from "./legitimate_forms.ts";
import { LEGITIMATE } from "./legitimate_requests.ts";
import { type ROUTE_FILES, routeNodes } from "./route_files.ts";
import { SECRET_KEY } from "./spellings.ts";

let harness: Harness;

before(async () => {
  harness = await startHarness();
});
after(() => harness.close());

const bytesOf = ({ body }: Pick<Legitimate, "body">): Buffer =>
  body === undefined
    ? Buffer.alloc(0)
    : Buffer.from(typeof body === "string" || body instanceof Uint8Array ? body : JSON.stringify(body));

/** Sends one through the proxy with a guard setting, and judges what arrived. */
async function send(guard: GuardSetting, one: Legitimate): Promise<Answered> {
  const { port, stack: { accepted } } = harness.at(guard);
  accepted.length = 0;
  const fields: Field[] = Object.entries(one.headers ?? {});
  if (one.authorization !== undefined) fields.push(["Authorization", one.authorization]);
  const body = bytesOf(one);
  const answer = await exchange(port, toBytes({ method: one.method, target: one.path, fields, body }));
  const said = one.method === "HEAD" ? "" : answer.body.toString().slice(0, 300);
  assert.ok(answer.status < 300, `${one.method} ${one.path}: ${answer.status} ${said}`);
  if (one.method === "GET" || one.method === "HEAD") {
    if (one.method === "GET") assert.equal(JSON.parse(said).read, one.route);
    return answer;
  }
  assert.deepEqual(accepted.map(({ route }) => route), [one.route]);
  const [{ body: text, headers }] = accepted as [typeof accepted[number]];
  for (const [name, value] of Object.entries(one.headers ?? {})) assert.equal(headers[name], value, name);
  const sent = new TextDecoder().decode(body);
  if (one.stamped === undefined) assert.equal(text, sent);
  else assert.deepEqual(JSON.parse(text), edit(JSON.parse(sent), WAYS[one.stamped], STAMP));
  return answer;
}

describe("legitimate requests", () => {
  for (const one of LEGITIMATE) {
    it(one.name, async () => {
      for (const guard of ["standard", "off", ...(one.chats === true ? ["chat" as const] : [])] as const) {
        await send(guard, one);
      }
    });
  }

  for (
    const [name, mostBytes] of [["submit, without metadata", 1024 * 1024], [
      "sessions.start, without metadata",
      32 * 1024,
    ]] as const
  ) {
    it(`${name}, as large as the upstream takes it, stamp included`, async () => {
      const one = LEGITIMATE.find((other) => other.name === name)!;
      const padded = (bytes: number): Legitimate => {
        const pad = "é".repeat(bytes >> 1) + "x".repeat(bytes & 1);
        return { ...one, body: JSON.stringify(one.body).replace("{", `{"pad":"${pad}",`) };
      };
      const { accepted } = harness.at("standard").stack;
      await send("standard", padded(0));
      const room = mostBytes - Buffer.byteLength(accepted[0]!.body);
      await send("standard", padded(room));
      assert.equal(Buffer.byteLength(accepted[0]!.body), mostBytes);
      await assert.rejects(send("standard", padded(room + 1)), /413 .*edge_body_too_large/);
    });
  }

  it("hands credentials of the stream store to a server", async () => {
    for (const one of LEGITIMATE.filter(({ name }) => name.startsWith("server: credentials"))) {
      const { fields } = await send("standard", one);
      assert.ok(fields.some(([name]) => name === "x-s2-access-token"));
    }
  });
});

interface Captured {
  readonly call: string;
  readonly sender: string;
  readonly request: {
    readonly method: string;
    readonly token: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

describe("what the SDK was recorded to send", async () => {
  const captured = JSON.parse(
    await readFile(new URL("../e2e/sdk_requests.json", import.meta.url), "utf8"),
  ) as Captured[];
  // What goes to the stream store or the object store never sees the proxy.
  const apiCalls = captured.filter(({ request }) => /^\/(?:api|realtime|engine)\//.test(request.path));
  assert.ok(apiCalls.length > 40);
  for (const [index, { call, sender, request }] of apiCalls.entries()) {
    it(`${index} ${sender}: ${call}: ${request.method} ${request.path}`, () =>
      send("standard", replay(request)).then(() => {}));
  }
});

/** A recorded request with its placeholders filled in. */
function replay({ method, token, path, headers, body }: Captured["request"]): Legitimate {
  const target = path.replaceAll("<chat>", CHAT).replaceAll("<session id>", "session_abc").replaceAll("<seq>", "3")
    .replaceAll("<run id>", "run_1").replace(/<[^>]*>/g, "x");
  const chat = /\/sessions\/([^/?]+)/.exec(target)?.[1] ?? CHAT;
  const kept = Object.entries(headers).filter(([name, value]) =>
    /^x-|^content-type|^last-|^timeout|^accept$/.test(name) && !value.includes("<")
  );
  const isMessage = (body as { kind?: unknown } | null)?.kind === "message";
  const use = target === "/api/v1/sessions" && method === "POST"
    ? "create"
    : target.endsWith("/in/append") && !target.includes("/channels/") && isMessage
    ? "append"
    : undefined;
  return {
    name: path,
    method,
    path: target,
    headers: Object.fromEntries(kept),
    authorization: token === "none" ? undefined : token === "public" ? tokenFor(chat) : `Bearer ${SECRET_KEY}`,
    ...(body === null ? {} : { body: body as object }),
    route: routeOf(target),
    ...(use === undefined ? {} : { stamped: use }),
  };
}

/** Which route file a plain path is for. */
function routeOf(target: string): typeof ROUTE_FILES[number] {
  const segments = target.split("?")[0]!.slice(1).split("/");
  const fits = routeNodes().filter(({ file }) => {
    const parts = file.split(".");
    return parts.length === segments.length && parts.every((part, i) => part.startsWith("$") || part === segments[i]);
  });
  // The one with the most fixed segments.
  const best = fits.sort((a, b) => a.file.split("$").length - b.file.split("$").length)[0];
  assert.ok(best !== undefined, `no route for ${target}`);
  return best.file;
}
