/**
 * What the proxy answers itself, at paths of its own. None of it ever reaches the upstream. Passes, public keys and
 * readiness are in `plugs.ts`: options bring them.
 *
 * @module
 */
import { Refusal } from "./errors.ts";

/** Whatever is not offered, or not like this. */
export function notOffered(): never {
  throw new Refusal("edge_not_enabled");
}

/** `GET /.edgestamp/health`: whoever reads this was answered by a proxy that is configured and alive. */
export function serveHealth(): Response {
  return Response.json({ ok: true }, { headers: { "cache-control": "no-store" } });
}
