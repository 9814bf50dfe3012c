/** What the proxy answers itself, at paths of its own: none of it ever reaches the upstream. */
import assert from "node:assert/strict";
import { valueOf } from "../http1.ts";
import { asCaller, bearer, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import type { ServerName } from "../servers.ts";
import { assertRefused, type Case, send } from "../surface.ts";

const HEALTH = "/.edgestamp/health";
const READY = "/.edgestamp/ready";

/** Spellings that the upstream's router would take for the path, or a loose reader might. */
const SPELLINGS = [
  "/.EDGESTAMP/Health",
  "/.edgestamp/health/",
  "/%2eedgestamp/health",
  "/.edgestamp/%68ealth",
  "/x/../.edgestamp/health",
  "/.edgestamp/health?x=1",
];

const FIELDS = [["no token", []], ["a public token", [bearer(PUBLIC_TOKEN)]], ["a secret key", [
  bearer(SECRET_KEY),
]]] as const;

export const own: readonly Case[] = [
  ...FIELDS.map(([name, fields]): Case => ({
    name: `says that it is alive, with ${name}`,
    async run(surface) {
      for (const server of ["standard", "chat", "off", "dead"] satisfies ServerName[]) {
        for (const method of ["GET", "HEAD"]) {
          const { answer, arrived } = await send(surface, { method, target: HEALTH, fields }, server);
          assert.equal(answer.status, 200);
          assert.equal(valueOf(answer.fields, "cache-control"), "no-store");
          assert.equal(answer.body.toString(), method === "GET" ? `{"ok":true}` : "");
          assert.equal(arrived.length, 0);
        }
      }
    },
  })),
  {
    name: "says so by every spelling",
    async run(surface) {
      for (const target of SPELLINGS) {
        const { answer, arrived } = await send(surface, { method: "GET", target });
        assert.equal(answer.status, 200, target);
        assert.equal(arrived.length, 0, target);
      }
    },
  },
  {
    name: "refuses what else is asked there, and passes nothing of it on",
    async run(surface) {
      for (const target of [HEALTH, READY, "/.edgestamp/pass", "/.well-known/edgestamp/jwks.json"]) {
        for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
          const request = { method, target, fields: asCaller(SECRET_KEY), body: "{}" };
          assertRefused(await send(surface, request), 400, "edge_not_enabled");
        }
      }
    },
  },
  {
    name: "does not say whether it is ready where nobody told it how to know",
    async run(surface) {
      assertRefused(await send(surface, { method: "GET", target: READY }), 400, "edge_not_enabled");
    },
  },
];
