/**
 * What the proxy answers itself, at paths of its own. None of it ever reaches the upstream, whatever the method. Passes,
 * public keys and readiness are in `plugs.ts`: options bring them.
 *
 * @module
 */
import type { Call } from "./call.ts";
import { Refusal } from "./errors.ts";
import type { RouteName } from "./routes.ts";

const OWN: ReadonlySet<RouteName> = new Set<RouteName>(["pass", "jwks", "health", "ready"]);

/** Whether a route is the proxy's own. */
export function isOwn(route: RouteName): boolean {
  return OWN.has(route);
}

/** Answers a call of one of them. Throws `edge_not_enabled` for what is not offered, or not like this. */
export function serveOwn(call: Call): Response | Promise<Response> {
  const { route, method, plugs } = call;
  if (route === "health" && (method === "GET" || method === "HEAD")) return serveHealth();
  if (plugs === undefined) throw new Refusal("edge_not_enabled");
  return plugs.serve(call);
}

/** `GET /.edgestamp/health`: whoever reads this was answered by a proxy that is configured and alive. */
export function serveHealth(): Response {
  return Response.json({ ok: true }, { headers: { "cache-control": "no-store" } });
}
