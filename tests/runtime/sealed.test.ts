/** The ready-made servers with a seal, configured by the lines that `edgestamp keygen` prints, on each runtime. */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { parseEnv } from "node:util";
import { keygen } from "../../cli/keygen.ts";
import { stampOpener } from "../../src/agent/open.ts";
import { valueOf } from "../conformance/http1.ts";
import type { Recorder } from "../conformance/recorder.ts";
import { APPEND, asCaller, CHAT, CREATE, createBody, messageBody, PUBLIC_TOKEN } from "../conformance/requests.ts";
import { PAGE, withBinaries } from "../conformance/servers.ts";
import { assertRefused, send as sendTo, startSurface } from "../conformance/surface.ts";
import { startServers, startWorkers } from "./ready_made.ts";
import { NAMESPACE } from "./signals.ts";

const JWKS = "/.well-known/edgestamp/jwks.json";
const SIGNALS = {
  bun: { ip: "127.0.0.1" },
  deno: { ip: "127.0.0.1" },
  node: { ip: "127.0.0.1" },
  workerd: { botScore: 0, ja4: "", asn: 0, country: "" },
};

for (const runtime of ["bun", "deno", "node", "workerd"] as const) {
  describe(`the ready-made server with a seal on ${runtime}`, () => {
    let world: Awaited<ReturnType<typeof startSurface>>;
    /** The lines of both sides, by the kind of seal. */
    const lines: Record<string, Record<string, string | undefined>> = {};
    before(async () => {
      withBinaries();
      lines["standard"] = parseEnv(await keygen([]));
      lines["off"] = parseEnv(await keygen(["--encrypted"]));
      world = await startSurface(runtime, null, ({ origin }: Recorder) => {
        const common = { TRIGGER_API_UPSTREAM: origin, EDGE_NAMESPACE: NAMESPACE, EDGE_ALLOWED_ORIGINS: PAGE };
        const of = (name: string) => ({
          ...common,
          EDGE_SEAL: lines[name]!["EDGE_SEAL"]!,
          EDGE_SEAL_KEY: lines[name]!["EDGE_SEAL_KEY"]!,
        });
        const wanted = { standard: of("standard"), off: of("off") };
        return runtime === "workerd" ? startWorkers(wanted, "cloudflare_sealed.ts") : startServers(runtime, wanted);
      });
    });
    after(() => world?.stop());
    const send = (request: Parameters<typeof sendTo>[1], to: "standard" | "off") => sendTo(world.surface, request, to);

    for (const [kind, to] of [["signed", "standard"], ["encrypted", "off"]] as const) {
      test(`what is ${kind} there is opened with the agent's line`, async () => {
        const { EDGE_SEAL_PUBLIC_KEYS, EDGE_SEAL_SECRET_KEYS } = lines[to]!;
        const open = stampOpener((EDGE_SEAL_PUBLIC_KEYS ?? EDGE_SEAL_SECRET_KEYS)!, "edgestamp", "trigger.dev");
        const rows = [["create", CREATE, createBody()], ["append", APPEND, messageBody()]] as const;
        for (const [use, target, body] of rows) {
          const fields = asCaller(PUBLIC_TOKEN, ["X-Part-Id", "part-1"]);
          const { answer, arrived } = await send({ target, fields, body }, to);
          assert.equal(answer.status, 200, answer.body.toString());
          const sent = JSON.parse(arrived[0]!.body.toString());
          const { metadata } = use === "create" ? sent.triggerConfig.basePayload : sent.payload;
          const { iat, exp, jti, ...claims } = await open(metadata[NAMESPACE]);
          assert.deepEqual({ ...claims, mh: claims.mh?.length }, {
            iss: "edgestamp",
            aud: "trigger.dev",
            use,
            sub: CHAT,
            trg: use === "create" ? "preload" : "submit-message",
            mh: use === "create" ? undefined : 43,
            ...(use === "append" && { mid: "m1" }),
            signals: SIGNALS[runtime],
          });
          assert.ok(Math.abs(iat - Date.now() / 1000) < 60);
          assert.equal(exp, use === "create" ? undefined : iat + 6 * 3600);
          assert.equal(jti === "part-1", use === "append");
          const members = kind === "encrypted" ? ["sealed"] : [...Object.keys(SIGNALS[runtime]), "proof"];
          assert.deepEqual(Object.keys(metadata[NAMESPACE]), members);
        }
      });
    }

    test("public keys are served to whoever asks, may be kept for minutes, and have no private half", async () => {
      const { keys } = JSON.parse(lines["standard"]!["EDGE_SEAL_PUBLIC_KEYS"]!);
      for (const method of ["GET", "HEAD"]) {
        const { answer, arrived } = await send({ method, target: JWKS, fields: [["Origin", PAGE]] }, "standard");
        assert.equal(answer.status, 200, answer.body.toString());
        assert.equal(arrived.length, 0);
        assert.match(valueOf(answer.fields, "content-type")!, /^application\/json/);
        assert.equal(valueOf(answer.fields, "cache-control"), "public, max-age=300");
        assert.equal(valueOf(answer.fields, "access-control-allow-origin"), PAGE);
        assert.match(valueOf(answer.fields, "vary")!, /\borigin\b/i);
        const body = answer.body.toString();
        if (method === "HEAD") assert.equal(body, "");
        else {
          assert.deepEqual(JSON.parse(body), {
            keys: keys.map((key: object) => ({ ...key, use: "sig", alg: "EdDSA" })),
          });
        }
      }
    });

    test("there are none where stamps are encrypted, nor is there another way to ask", async () => {
      assertRefused(await send({ method: "GET", target: JWKS }, "off"), 400, "edge_not_enabled");
      assertRefused(await send({ method: "POST", target: JWKS, body: "{}" }, "standard"), 400, "edge_not_enabled");
    });
  });
}
