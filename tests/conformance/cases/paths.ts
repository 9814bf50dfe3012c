/** However a path is spelled, what the upstream takes for a create or an append carries our stamp. */
import assert from "node:assert/strict";
import { toBytes } from "../client.ts";
import { takenFor } from "../oracle.ts";
import { APPEND, asCaller, CHANNEL, CREATE, createBody, messageBody, PUBLIC_TOKEN } from "../requests.ts";
import type { ServerName } from "../servers.ts";
import { assertRefused, assertSafe, type Case, describe, send, theOne, tryBytes } from "../surface.ts";
import { type Spelling, SPELLINGS } from "./spellings.ts";

const ROUTES = [
  ["create", "POST", CREATE, createBody()],
  ["append", "POST", APPEND, messageBody()],
  ["PUT in", "PUT", CHANNEL, ""],
] as const;

/** With the rules for public tokens and without: stamping does not depend on them. */
const SERVERS: readonly ServerName[] = ["standard", "off", "chat"];

const isSafe = ([route, method, path, body]: (typeof ROUTES)[number], [name, spell]: Spelling): Case => ({
  name: `lets nothing forged through for ${route}, spelled with ${name}`,
  async run(surface) {
    const bytes = toBytes({ method, target: spell(path), fields: asCaller(PUBLIC_TOKEN), body });
    for (const server of SERVERS) {
      const exchanged = await tryBytes(surface, bytes, server);
      assertSafe(surface, exchanged);
      if (server === "off") continue;
      for (const { method, target } of exchanged.arrived) {
        assert.notEqual(takenFor(method, target), "credentials", `${method} ${target}`);
      }
    }
  },
});

/** What a runtime hands over as it came, and the upstream takes for the route, goes on in its plain spelling. */
const REACHING = new Set([
  "plain",
  "capitals",
  "a capital at the end",
  "a capital version",
  "an escape at the end",
  "an escape at the beginning",
  "escapes only",
  "an escaped capital",
  "an escape in the version",
  "a slash at the end",
]);

const isCanonical = ([route, , path, body]: (typeof ROUTES)[number], [name, spell]: Spelling): Case => ({
  name: `forwards ${route} in its plain spelling, or not at all, for ${name}`,
  async run(surface) {
    const exchanged = await send(surface, { target: spell(path), fields: asCaller(PUBLIC_TOKEN), body });
    if (exchanged.arrived.length === 0) return assert.equal(exchanged.answer.status, 400, describe(exchanged.answer));
    assert.equal(theOne(surface, exchanged).target, path);
  },
});

/** What only a lenient reader would take for the route is refused, and not left to the readers on the way. */
const REFUSED = new Set([
  "two slashes first",
  "three slashes first",
  "two slashes inside",
  "two slashes before the end",
  "an escaped slash before the end",
  "an escaped slash inside",
  "an escaped slash beside a slash",
  "an escaped backslash",
  "an escape of an escape",
  "an escape of an escape of an escape",
  "an escape of an escaped slash",
  "a bare percent sign",
  "half an escape",
  "a parameter at the end",
  "a parameter inside",
  "an escaped parameter",
  "a space at the end",
  "a space first",
  "a zero at the end",
  "a zero inside",
  "a tab at the end",
  "a line end at the end",
  "an escaped question mark",
  "an escaped hash",
  "a route in the query",
]);

const isRefused = ([route, , path, body]: (typeof ROUTES)[number], [name, spell]: Spelling): Case => ({
  name: `refuses ${route}, spelled with ${name}`,
  async run(surface) {
    for (const server of ["standard", "off"] as const) {
      const request = { target: spell(path), fields: asCaller(PUBLIC_TOKEN), body };
      assertRefused(await send(surface, request, server), 400, "edge_path_ambiguous");
    }
  },
});

export const paths: readonly Case[] = [
  ...ROUTES.flatMap((route) => SPELLINGS.map((spelling) => isSafe(route, spelling))),
  ...ROUTES.slice(0, 2).flatMap((route) =>
    SPELLINGS.filter(([name]) => REACHING.has(name)).map((spelling) => isCanonical(route, spelling))
  ),
  ...ROUTES.slice(0, 2).flatMap((route) =>
    SPELLINGS.filter(([name]) => REFUSED.has(name)).map((spelling) => isRefused(route, spelling))
  ),
];
