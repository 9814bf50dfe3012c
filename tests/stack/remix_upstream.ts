/**
 * The real stack before Trigger.dev's routes: Express 4 with Remix's own request handler, and the routes of its route
 * files, whose actions write down what they accepted. Only what such a stack matches and decodes is the point of it.
 */
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import type { createRequestHandler as CreateRequestHandler } from "@remix-run/express";
import { type RouteNode, routeNodes } from "./route_files.ts";
import { type Accepted, act, load, type RouteCall } from "./upstream_actions.ts";

/** The stack without a server: what its routes are, and what they took. */
export interface Stack {
  /** What its routes took, in order. A test empties it. */
  readonly accepted: Accepted[];
  readonly build: object;
  /** Answers as the server does, but in one process. */
  fetch(request: Request): Promise<Response>;
}

/** The stack, listening on loopback. */
export interface RemixUpstream extends Stack {
  readonly port: number;
  readonly origin: string;
  close(): Promise<void>;
}

// Express 4 has no types of its own, and these are all of it that is used here.
type Next = () => void;
type ExpressRequest = IncomingMessage & { readonly path: string };
type ExpressResponse = ServerResponse & { redirect(status: number, url: string): void };
type Middleware = (request: ExpressRequest, response: ExpressResponse, next: Next) => void;
interface ExpressApp {
  (request: IncomingMessage, response: ServerResponse): void;
  disable(setting: string): void;
  use(handler: Middleware): void;
  all(path: string, handler: unknown): void;
}

const require = createRequire(import.meta.url);
const express = require("express") as () => ExpressApp;
const forExpress = require("@remix-run/express") as { createRequestHandler: typeof CreateRequestHandler };
const forNode = require("@remix-run/node") as {
  createRequestHandler(build: object, mode: string): (request: Request) => Promise<Response>;
};

/** Makes the stack. `serverTokens` are the tokens that it takes for a server's. */
export function createStack(serverTokens: readonly string[]): Stack {
  const accepted: Accepted[] = [];
  const build = serverBuild((node) => ({
    action: (call: RouteCall) =>
      act(node.file, call, (token) => serverTokens.includes(token), (one) => accepted.push(one)),
    loader: (call: RouteCall) => load(node.file, call),
  }));
  const handle = forNode.createRequestHandler(build, "production");
  const fetch = async (request: Request): Promise<Response> => {
    const { pathname, search } = new URL(request.url);
    const location = withoutSlash(pathname, search);
    return location === undefined ? await handle(request) : new Response(null, { status: 301, headers: { location } });
  };
  return { accepted, build, fetch };
}

/** Starts the stack on loopback. */
export async function startRemixUpstream(serverTokens: readonly string[]): Promise<RemixUpstream> {
  const stack = createStack(serverTokens);
  const app = express();
  app.disable("x-powered-by");
  app.use((request, response, next) => {
    const { path, url = "" } = request;
    const location = withoutSlash(path, url.slice(path.length));
    return location === undefined ? next() : response.redirect(301, location);
  });
  app.all("*", forExpress.createRequestHandler({ build: stack.build as never, mode: "production" }));
  const server = createServer(app);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    ...stack,
    port,
    origin: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The app's own middleware that has a say in matching: where a path ends in a slash, it redirects to one without. */
function withoutSlash(path: string, search: string): string | undefined {
  if (path.length < 2 || !path.endsWith("/") || path.startsWith("/ph/")) return undefined;
  return path.slice(0, -1).replace(/\/{2,}/g, "/") + search;
}

/** A build as Remix's compiler would make it: API routes have no component, so they answer by themselves. */
function serverBuild(moduleOf: (node: RouteNode) => object): object {
  const root = { id: "root", path: "", module: { default: () => null } };
  const routes = routeNodes().map((node) => [node.id, { ...node, module: moduleOf(node) }]);
  return {
    mode: "production",
    entry: { module: { default: () => new Response("not found", { status: 404 }), handleError: () => {} } },
    routes: Object.fromEntries([["root", root], ...routes]),
    assets: { entry: { module: "", imports: [] }, routes: {}, url: "", version: "1" },
    publicPath: "/build/",
    assetsBuildDirectory: "",
    // None of Remix's later behaviours is switched on there.
    future: {},
    isSpaMode: false,
  };
}
