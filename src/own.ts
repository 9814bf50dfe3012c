/**
 * What the proxy answers itself, at paths of its own: passes, public keys, and how it is. None of it ever reaches the
 * upstream.
 *
 * @module
 */
import type { Call } from "./call.ts";
import { Refusal } from "./errors.ts";
import { admit, liveSignals } from "./stamped.ts";

/** `POST /.edgestamp/pass`. */
export async function issuePass(call: Call): Promise<Response> {
  const { config, request, platform, caller } = call;
  if (config.pass === undefined) throw new Refusal("edge_not_enabled");
  const signals = await liveSignals(call);
  // Nobody behind the proxy verifies this caller's token, so it is never taken for the app's server.
  await admit(call, signals, { use: "pass", chat: undefined, via: "direct" });
  const answer = await config.pass.issue({
    request,
    platform,
    caller,
    chat: undefined,
    signals: () => Promise.resolve(signals),
  });
  return Response.json(answer, { headers: { "cache-control": "no-store" } });
}

/** Whatever else is asked of one of these paths. */
export function notOffered(): never {
  throw new Refusal("edge_not_enabled");
}

/** `GET /.well-known/edgestamp/jwks.json`: the public keys of the seal. */
export function serveKeys({ config }: Call): Response {
  if (config.seal?.jwks === undefined) throw new Refusal("edge_not_enabled");
  // Long enough to spare requests, short enough that a new key is known before it signs much.
  return Response.json(config.seal.jwks, { headers: { "cache-control": "public, max-age=300" } });
}

/** `GET /.edgestamp/health`: whoever reads this was answered by a proxy that is configured and alive. */
export function serveHealth(): Response {
  return Response.json({ ok: true }, { headers: { "cache-control": "no-store" } });
}

/** `GET /.edgestamp/ready`: whether requests are well sent here now. */
export async function serveReadiness({ config }: Call): Promise<Response> {
  if (config.ready === undefined) throw new Refusal("edge_not_enabled");
  await config.ready.check(config.origin + config.prefix);
  return serveHealth();
}
