/**
 * The proxy's reading of a path agrees with the upstream's router on every spelling: what is forwarded means to the
 * router what came, and the proxy's name for it is the route that answers.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { it } from "node:test";
import * as fc from "fast-check";
import { Refusal } from "../../src/errors.ts";
import { match, type RouteName } from "../../src/routes.ts";
import { check } from "../unit/properties/runs.ts";
import { ROUTE_FILES, type RouteNode, routeNodes } from "./route_files.ts";
import { targets } from "./spellings.ts";

interface Tree {
  readonly id: string;
  readonly path: string;
  readonly children: Tree[];
}

interface Matched {
  readonly route: { readonly id: string };
  readonly params: Readonly<Record<string, string | undefined>>;
}

const require = createRequire(import.meta.url);
const { matchRoutes } = require("@remix-run/router") as {
  matchRoutes(routes: readonly Tree[], location: { pathname: string }): Matched[] | null;
};

const NODES = routeNodes();
const treeOf = ({ id, path }: RouteNode): Tree => ({ id, path, children: childrenOf(id) });
const childrenOf = (parent: string): Tree[] => NODES.filter(({ parentId }) => parentId === parent).map(treeOf);
const ROUTES: readonly Tree[] = [{ id: "root", path: "", children: childrenOf("root") }];

/**
 * What the router makes of a path: the route that answers, and its parameters. The upstream refuses a channel that is
 * spelled `IN`; the proxy forwards it as `in`, which is what it is stamped as.
 */
function route(pathname: string): { id: string; params: object } | undefined {
  const last = matchRoutes(ROUTES, { pathname })?.at(-1);
  if (last === undefined) return undefined;
  const { io, ...params } = last.params;
  return {
    id: last.route.id.replace(/^routes\//, ""),
    params: { ...params, io: io?.replace(/^(?:in|out)$/i, (one) => one.toLowerCase()) },
  };
}

/** The proxy's name for a route that answers. */
function nameOf(matched: ReturnType<typeof route>): RouteName {
  const { io } = (matched?.params ?? {}) as { io?: string };
  const isChannel = io === "in" || io === "out";
  switch (matched?.id) {
    case "api.v1.sessions":
      return "create";
    case "api.v1.sessions.$sessionId.snapshot-url":
      return "snapshot";
    case "api.v1.sessions.$session.end-and-continue":
      return "end-and-continue";
    case "realtime.v1.sessions.$session.$io.append":
      return io === "in" ? "append" : "other";
    case "realtime.v1.sessions.$session.$io":
    case "realtime.v1.sessions.$session.channels.$name.$io":
      return isChannel ? "channel" : "other";
    case "realtime.v1.sessions.$session.$io.records":
    case "realtime.v1.sessions.$session.channels.$name.$io.records":
      return isChannel ? "records" : "other";
    default:
      return "other";
  }
}

const parameters = fc.constantFrom(
  "in",
  "out",
  "chat-1",
  "a%2Fb",
  "append",
  "channels",
  "IN",
  "%D1%87",
  "x;y",
  "50%25",
  "session_a",
);
/** A path that some route file is for. */
const plain = fc.tuple(
  fc.constantFrom(...ROUTE_FILES, ...ROUTE_FILES.filter((file) => file.includes("sessions")), "nothing.here"),
  fc.array(parameters, { minLength: 4, maxLength: 4 }),
).map(([file, values]) => {
  let next = 0;
  return `/${file.split(".").map((part) => part.startsWith("$") ? values[next++ % 4] : part).join("/")}`;
});

it("on every spelling", async () => {
  let judged = 0;
  let tried = 0;
  await check(
    "matching",
    fc.property(targets(plain), (target) => {
      tried++;
      const url = URL.canParse(target, "http://proxy.test") ? new URL(target, "http://proxy.test") : undefined;
      // The upstream reads no escape of a path that has a bad one; nothing of the kind is let through.
      if (url === undefined) return;
      let found: ReturnType<typeof match>;
      try {
        found = match(url.pathname);
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
        return;
      }
      judged++;
      const forwarded = new URL(`http://upstream.test${found.path}`);
      assert.equal(forwarded.pathname, found.path, "what is forwarded is not what is sent");
      assert.deepEqual(route(found.path), route(url.pathname), "the router reads them differently");
      assert.equal(found.name, nameOf(route(found.path)));
    }),
    1500,
  );
  assert.ok(judged > tried / 4, `${judged} of ${tried} were judged: the property says little`);
});
