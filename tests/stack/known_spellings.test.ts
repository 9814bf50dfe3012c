/**
 * Every spelling that is known to reach a route of the real stack, or to have been tried: what arrives is stamped, and
 * what a public token may not do does not arrive.
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { exchange, type RawRequest, toBytes } from "../conformance/client.ts";
import type { Field } from "../conformance/http1.ts";
import { NAMESPACE, publicToken } from "../unit/properties/through_proxy.ts";
import { GUARDS, type Harness, startHarness } from "./harness.ts";
import { FORGED } from "./hostile_requests.ts";
import { assertNoFailure, assertPromises } from "./promises.ts";

const metadata = { [NAMESPACE]: FORGED };
const basePayload = { chatId: "chat-1", metadata };
const CREATE = { type: "chat.agent", taskIdentifier: "chat", externalId: "chat-1", triggerConfig: { basePayload } };
const APPEND = { kind: "message", payload: basePayload };

interface Aim {
  readonly name: string;
  readonly method: string;
  /** The path before and after a place in its middle. */
  readonly path: readonly [string, string];
  readonly body: object;
  readonly file: string;
}

const AIMS: readonly Aim[] = [
  { name: "create", method: "POST", path: ["/api", "/v1/sessions"], body: CREATE, file: "api.v1.sessions" },
  {
    name: "append",
    method: "POST",
    path: ["/realtime/v1/sessions/chat-1/in", "/append"],
    body: APPEND,
    file: "realtime.v1.sessions.$session.$io.append",
  },
  {
    name: "credentials",
    method: "PUT",
    path: ["/realtime/v1/sessions/chat-1", "/in"],
    body: {},
    file: "realtime.v1.sessions.$session.$io",
  },
  {
    name: "side credentials",
    method: "PUT",
    path: ["/realtime/v1/sessions/chat-1/channels/n", "/in"],
    body: {},
    file: "realtime.v1.sessions.$session.channels.$name.$io",
  },
  {
    name: "snapshot",
    method: "PUT",
    path: ["/api/v1/sessions/chat-1", "/snapshot-url"],
    body: {},
    file: "api.v1.sessions.$sessionId.snapshot-url",
  },
];

const flip = (text: string): string => text.replace(/[a-z]/g, (letter) => letter.toUpperCase());
const encode = (text: string): string => text.replace(/[a-z]/g, (letter) => `%${letter.charCodeAt(0).toString(16)}`);
const SPELLINGS: Readonly<Record<string, (before: string, after: string) => string>> = {
  "plain": (before, after) => before + after,
  "upper case": (before, after) => before + flip(after),
  "upper case before": (before, after) => flip(before) + after,
  "one letter encoded": (before, after) => `${before}${after.slice(0, -1)}${encode(after.slice(-1))}`,
  "all letters encoded": (before, after) => before + encode(after),
  "encoded twice": (before, after) => before + encode(after).replaceAll("%", "%25"),
  "encoded and upper case": (before, after) => before + encode(flip(after)),
  "dot": (before, after) => `${before}/.${after}`,
  "encoded dot": (before, after) => `${before}/%2e${after}`,
  "dots": (before, after) => `${before}/x/..${after}`,
  "encoded dots": (before, after) => `${before}/x/%2E.${after}`,
  "dots at the beginning": (before, after) => `/x/..${before}${after}`,
  "dot at the end": (before, after) => `${before}${after}/.`,
  "dots at the end": (before, after) => `${before}${after}/x/..`,
  "backslash": (before, after) => before + after.replace("/", "\\"),
  "backslashes": (before, after) => `${before}\\x\\..${after}`,
  "two slashes": (before, after) => `${before}/${after}`,
  "two slashes at the beginning": (before, after) => `/${before}${after}`,
  "encoded slash": (before, after) => before + after.replace("/", "%2f"),
  "slash at the end": (before, after) => `${before}${after}/`,
  "slashes at the end": (before, after) => `${before}${after}//`,
  "parameters": (before, after) => `${before};a=b${after}`,
  "parameters at the end": (before, after) => `${before}${after};a=b`,
  "query": (before, after) => `${before}${after}?a=b`,
  "query with a path": (before, after) => `${before}${after}?/x/close`,
  "index": (before, after) => `${before}${after}?index`,
  "fragment": (before, after) => `${before}${after}#/x/close`,
  "fragment before": (before, after) => `${before}#${after}`,
  "absolute form": (before, after) => `http://proxy.test${before}${after}`,
  "absolute form, elsewhere": (before, after) => `http://evil.test${before}${after}`,
  "json": (before, after) => `${before}${after}.json`,
  "data": (before, after) => `${before}${after}.data`,
  "null byte": (before, after) => `${before}${after}%00`,
  "space": (before, after) => `${before}${after}%20`,
  "long s": (before, after) => `${before}${after.replace("s", "%C5%BF")}`,
  "bad escape": (before, after) => `${before}${after}%`,
  "overlong": (before, after) => `${before}%c0%af${after.slice(1)}`,
};

/** Under another path of the same tree, the query names the route. */
function nested(file: string): string[] {
  const names = ["_data", "%5Fdata", "_dat%61", "a=b&_data"].map((name) => `${name}=routes/${file}`);
  const under = [
    "/api/v1/sessions",
    "/api/v1/sessions/chat-1",
    "/api/v1/sessions/chat-1/close",
    "/api/v1/sessions/chat-1/snapshot-url",
    "/realtime/v1/sessions/chat-1/in",
    "/realtime/v1/sessions/chat-1/in/append",
    "/realtime/v1/sessions/chat-1/in/records",
    "/realtime/v1/sessions/chat-1/channels/n/in/append",
  ];
  return under.flatMap((path) => names.map((query) => `${path}?${query}`));
}

let harness: Harness;

before(async () => {
  harness = await startHarness();
});
after(() => harness.close());

/** Sends one request and judges what arrived. Gives the routes that took it. */
async function send(
  guard: typeof GUARDS[number],
  { method, target, fields }: RawRequest,
  body: object,
): Promise<string[]> {
  const { port, stack: { accepted } } = harness.at(guard);
  accepted.length = 0;
  const bytes = Buffer.from(JSON.stringify(body));
  const authorization: Field = ["Authorization", `Bearer ${publicToken("write:sessions:chat-1")}`];
  const answer = await exchange(
    port,
    toBytes({ method: method!, target, body: bytes, fields: [authorization, ...(fields ?? [])] }),
  );
  assertNoFailure(answer.status, answer.body);
  assert.ok(!answer.fields.some(([name]) => name.startsWith("x-s2-")), "the answer has credentials");
  for (const one of accepted) await assertPromises(one, guard, bytes);
  return accepted.map(({ route }) => route);
}

describe("known spellings, without a proxy", () => {
  it("reach the stack's routes, so the tables below say something", async () => {
    const { accepted, port } = harness.at("off").stack;
    for (const { method, path, body, file } of AIMS) {
      const arrived = async (target: string): Promise<boolean> => {
        accepted.length = 0;
        await exchange(port, toBytes({ method, target, body: JSON.stringify(body) }));
        return accepted.some(({ route }) => route === file);
      };
      // The stack takes `IN` for no channel, in whatever place it decodes it.
      const cases = file === "api.v1.sessions" ? ["upper case", "upper case before"] : [];
      for (
        const spelling of [
          ...cases,
          "all letters encoded",
          "dot",
          "dots",
          "backslash",
          "dot at the end",
          "query",
          "fragment",
        ]
      ) {
        assert.ok(await arrived(SPELLINGS[spelling]!(...path)), `${spelling} of ${path.join("")} did not arrive`);
      }
    }
    accepted.length = 0;
    await exchange(
      port,
      toBytes({ target: "/api/v1/sessions/x/close?_data=routes/api.v1.sessions", body: JSON.stringify(CREATE) }),
    );
    assert.deepEqual(accepted.map(({ route }) => route), ["api.v1.sessions"]);
  });
});

for (const guard of GUARDS) {
  describe(`known spellings, guard ${guard}`, () => {
    for (const { name, method, path, body, file } of AIMS) {
      it(`${name}: every spelling`, async () => {
        for (const [spelling, spell] of Object.entries(SPELLINGS)) {
          const target = spell(...path);
          const routes = await send(guard, { method, target }, body).catch((error: unknown) => {
            throw new Error(`${spelling}: ${method} ${target}`, { cause: error });
          });
          // The plain spelling is the proof that the others could have arrived.
          const isAllowed = guard === "off" || name === "create" || name === "append";
          if (spelling === "plain") assert.deepEqual(routes, isAllowed ? [file] : []);
        }
      });

      it(`${name}: by the query of another route`, async () => {
        for (const target of nested(file)) {
          await send(guard, { method, target }, body).catch((error: unknown) => {
            throw new Error(`${method} ${target}`, { cause: error });
          });
        }
      });

      it(`${name}: by the Host header`, async () => {
        const whole = path.join("");
        const hosts = [`a${whole}`, `a${whole}?`, `a${whole}#`, `a:80${whole}/..`, `a@b${whole}`, `[::1]${whole}?`];
        for (const host of hosts) {
          for (const field of ["Host", "X-Forwarded-Host"]) {
            await send(guard, { method, target: "/x", fields: [[field, host]] }, body);
          }
        }
      });
    }
  });
}
