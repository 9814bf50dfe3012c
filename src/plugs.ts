/**
 * What the options `seal`, `pass`, `admit` and `ready` plug in. Nothing of it is in a bundle whose proxy is made
 * without options, such as the ready Worker's.
 *
 * @module
 */
import type { IRequest, IttyRouterType } from "itty-router";
// The package's front door would bring its other routers and its responses into every bundle.
import { IttyRouter } from "itty-router/IttyRouter";
import { readString } from "./body.ts";
import { type Call, liveSignals, type Plugs, type Stampable } from "./call.ts";
import { Refusal } from "./errors.ts";
import { serveHealth } from "./own.ts";
import type { AdmitCall, Resolved, StampContext } from "./ports.ts";
import { type RouteName, ROUTES } from "./routes.ts";
import { member, textOf } from "./scan.ts";
import { makeStamp } from "./stamp.ts";
import type { Signals } from "./trust.ts";

/** All of them, for the options that name any. */
export const PLUGS: Plugs = { stamp, serve };

async function stamp(call: Call, body: Stampable, partId: string | undefined): Promise<string> {
  const { signals, via } = await resolve(call, body);
  await admit(call, signals, { use: body.use, chat: body.chat, via });
  return await makeStamp(signals, call.config.seal, () => contextOf(body, partId));
}

const ROUTER = /* @__PURE__ */ createRouter();

function createRouter(): IttyRouterType<IRequest, [Call], Response> {
  return IttyRouter<IRequest, [Call], Response>()
    .post(pathOf("pass"), (_, call) => issuePass(call))
    .get(pathOf("jwks"), (_, call) => serveKeys(call))
    .get(pathOf("ready"), (_, call) => serveReadiness(call))
    .all("*", notOffered);
}

function pathOf(name: RouteName): string {
  return ROUTES.find((route) => route.name === name)!.path;
}

function notOffered(): never {
  throw new Refusal("edge_not_enabled");
}

/** What the proxy answers itself because of an option. A `HEAD` is a `GET` here: servers leave its body away. */
async function serve(call: Call): Promise<Response> {
  const method = call.method === "HEAD" ? "GET" : call.method;
  return await ROUTER.fetch({ method, url: `http://proxy.invalid${call.path}` }, call);
}

/** `POST /.edgestamp/pass`. */
async function issuePass(call: Call): Promise<Response> {
  const { config, request, platform, caller } = call;
  if (config.pass === undefined) notOffered();
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

/** `GET /.well-known/edgestamp/jwks.json`: the public keys of the seal. */
function serveKeys({ config }: Call): Response {
  if (config.seal?.jwks === undefined) notOffered();
  // Long enough to spare requests, short enough that a new key is known before it signs much.
  return Response.json(config.seal.jwks, { headers: { "cache-control": "public, max-age=300" } });
}

/** `GET /.edgestamp/ready`: whether requests are well sent here now. */
async function serveReadiness({ config }: Call): Promise<Response> {
  if (config.ready === undefined) notOffered();
  await config.ready.check(config.origin + config.prefix);
  return serveHealth();
}

async function resolve(call: Call, body: Stampable): Promise<Resolved> {
  const { config, request, platform, caller } = call;
  const signals = (): Promise<Signals | null> => liveSignals(call);
  if (config.pass === undefined) return { signals: await signals(), via: caller === "server" ? "server" : "direct" };
  // An empty header is what is left where a client had nothing to put into it.
  const pass = request.headers.get("x-edge-pass") || passInBody(call, body);
  return await config.pass.resolve(pass, { request, platform, caller, chat: body.chat, signals });
}

/**
 * A server's pass may also be where the stamp will be: the SDK's head start sends what it was given
 * of a body, and has no header of its own for one call (`chat.headStart`, 4.8.3). No trust comes of
 * it: a pass proves itself, and whatever is in that place is replaced.
 */
function passInBody({ caller, config }: Call, { source, payload }: Stampable): string | null {
  if (caller !== "server") return null;
  return readString(source, member(member(payload, "metadata"), config.namespace)) ?? null;
}

/** Asks the `admit` hook. Throws where it does not let the call in. */
async function admit(
  call: Call,
  signals: Signals | null,
  about: Pick<AdmitCall, "use" | "chat" | "via">,
): Promise<void> {
  if (call.config.admit === undefined) return;
  const { caller, request, platform } = call;
  const verdict = await call.config.admit(signals, { ...about, caller, request, platform });
  // A policy in JavaScript may answer anything: only a plain yes lets a call in.
  if (verdict.admit === true) return;
  switch (verdict.reason) {
    case "rate_limited":
      throw new Refusal("edge_admit_rate_limited", { headers: { "retry-after": String(verdict.retryAfterSeconds) } });
    case "challenge":
      throw new Refusal("edge_admit_challenge", { fields: { challenge: verdict.challenge } });
    default:
      throw new Refusal("edge_admit_forbidden");
  }
}

function contextOf({ use, source, payload, chat }: Stampable, partId: string | undefined): StampContext {
  const message = member(payload, "message");
  const action = member(payload, "action");
  return {
    use,
    chat,
    partId,
    trigger: readString(source, member(payload, "trigger")),
    messageId: readString(source, member(payload, "messageId")) ?? readString(source, member(message, "id")),
    messageJson: message && textOf(source, message),
    actionJson: action && textOf(source, action),
  };
}
