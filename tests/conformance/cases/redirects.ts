/** Redirects stay on the proxy or lose their way; nobody follows one, and no token goes along. */
import assert from "node:assert/strict";
import { valueOf } from "../http1.ts";
import { APPEND, asCaller, CHAT, messageBody, PUBLIC_TOKEN, SECRET_KEY } from "../requests.ts";
import type { ServerName } from "../servers.ts";
import { type Case, send, type Surface } from "../surface.ts";
import { answerOf } from "./answers.ts";

const PATH = `/api/v1/sessions/${CHAT}`;

/** `{up}` is the upstream's origin, `{evil}` another host's address. */
const LOCATIONS: readonly (readonly [name: string, location: string, returned: string | undefined, to?: ServerName])[] =
  [
    ["a path", "/api/v1/sessions/x?a=1#b", "/api/v1/sessions/x?a=1#b"],
    ["a relative path", "other", "/api/v1/sessions/other"],
    ["a query", "?page=2", `${PATH}?page=2`],
    ["its own origin", "{up}/api/v1/runs", "/api/v1/runs"],
    ["another host", "http://{evil}/api", undefined],
    ["another host, spelled by two slashes", "//{evil}/api", undefined],
    ["another host, spelled by backslashes", "\\\\{evil}/api", undefined],
    ["another host, spelled by one of each", "/\\{evil}/api", undefined],
    ["another host, spelled by slashes in a path", "{up}//{evil}/api", undefined],
    ["another host behind its own name", "http://127.0.0.1@{evil}/", undefined],
    ["another scheme", "https://127.0.0.1/api", undefined],
    ["a script", "javascript:alert(1)", undefined],
    ["no address", "http://[", undefined],
    ["dots that leave the path", "/x/../..//{evil}", undefined],
    ["a path below the prefix", "/up/api/v1/runs", "/mount/api/v1/runs", "mounted"],
    ["its origin below the prefix", "{up}/up/api/v1/runs?x", "/mount/api/v1/runs?x", "mounted"],
    ["a path outside the prefix", "/api/v1/runs", undefined, "mounted"],
    ["a path that begins like the prefix", "/upstairs", undefined, "mounted"],
  ];

const rewrites = ([name, location, returned, to = "standard"]: (typeof LOCATIONS)[number]): Case => ({
  name: `returns a redirect to ${name} as ${returned ?? "no redirect anywhere"}`,
  async run(surface) {
    for (const status of [301, 302, 303, 307, 308, 201]) {
      const where = location.replace("{up}", surface.upstream.origin).replace(
        "{evil}",
        `127.0.0.1:${surface.evil.port}`,
      );
      surface.upstream.answer(answerOf(status, [["location", where]], ""));
      const target = to === "mounted" ? `/mount${PATH}` : PATH;
      const { answer, arrived } = await send(surface, { method: "GET", target, fields: asCaller(PUBLIC_TOKEN) }, to);
      assert.equal(answer.status, status);
      assert.equal(valueOf(answer.fields, "location"), returned);
      assert.equal(arrived.length, 1, "the redirect was followed");
      assert.equal(surface.evil.connections(), 0, "another host was called");
    }
  },
});

async function followsNothing(surface: Surface, token: string): Promise<void> {
  surface.upstream.answer(answerOf(307, [["location", `http://127.0.0.1:${surface.evil.port}/`]], ""));
  const { answer, arrived } = await send(surface, { target: APPEND, fields: asCaller(token), body: messageBody() });
  assert.equal(answer.status, 307);
  assert.equal(valueOf(answer.fields, "location"), undefined);
  assert.equal(arrived.length, 1);
  assert.equal(surface.evil.connections(), 0);
}

export const redirects: readonly Case[] = [
  ...LOCATIONS.map(rewrites),
  { name: "sends a message along no redirect", run: (surface) => followsNothing(surface, PUBLIC_TOKEN) },
  { name: "sends a secret key along no redirect", run: (surface) => followsNothing(surface, SECRET_KEY) },
];
