// deno-lint-ignore-file no-console -- a server speaks to whoever runs it
/**
 * Deno Deploy, and `deno serve` on a machine of your own: `deno serve -A --port 3000 adapters/deno.ts`.
 * Host and port are `deno serve`'s own flags; everything else is read from the environment. SIGTERM lets
 * open requests end within nine seconds.
 *
 * @module
 */
import { createProxy, type Proxy } from "../src/proxy.ts";
import type { Readiness } from "../src/ports.ts";
import { type EndableReadiness, readiness } from "../src/ready.ts";
import type { Platform } from "../src/trust.ts";
import { readEnvironment, withDefaults } from "./_environment.ts";
import { isEventStream } from "./_event_stream.ts";
import { counter, gated } from "./_in_flight.ts";
import { readMachine } from "./_machine.ts";
import { serveMetrics } from "./_metrics_server.ts";
import { readyFetch } from "./_ready.ts";
import { withSeal } from "./_seal.ts";
import { socket } from "./_socket.ts";
import { GRACE_MS } from "./_stop.ts";
import { PLAIN_TRUSTS, plainTrust } from "./_trusts.ts";
import type { DenoServeInfo, Environment } from "./_types.ts";
import { EnvironmentError } from "./_variables.ts";
import { watching } from "./_watching.ts";

export { socket } from "./_socket.ts";
export type { DenoServeInfo } from "./_types.ts";

interface DenoGlobal {
  readonly env: { get(name: string): string | undefined; toObject(): Record<string, string> };
  addSignalListener(signal: "SIGTERM", listener: () => void): void;
  unrefTimer(timer: unknown): void;
  exit(code: number): never;
}

/** What Deno Deploy says of itself in the environment, which its users cannot set (https://docs.deno.com/deploy/reference/env_vars_and_contexts/). */
const DEPLOY_VARIABLES = {
  deploymentId: "DENO_DEPLOYMENT_ID",
  buildId: "DENO_DEPLOY_BUILD_ID",
  timeline: "DENO_TIMELINE",
  organization: "DENO_DEPLOY_ORG_SLUG",
  app: "DENO_DEPLOY_APP_SLUG",
} as const;

/** A signal of Deno Deploy: the caller's address, and which deployment answered. */
export type DenoField = "ip" | keyof typeof DEPLOY_VARIABLES;

/** What {@link denoDeploy} can be told. */
export interface DenoOptions<F extends DenoField = DenoField> {
  /** Default: `ip`, `deploymentId` and `timeline`. */
  readonly fields?: readonly F[];
  /** Default: the process's environment. */
  readonly env?: Environment;
}

/** The trust provider of Deno Deploy. */
export interface DenoProvider<F extends DenoField = DenoField> {
  readonly name: string;
  read(request: Request, platform?: Platform): { readonly [field in F]?: string };
}

/**
 * Reads `ip` from the connection, which no header can change, and the deployment from the environment.
 * What there is not is left out; Deno Deploy offers no country, ASN, fingerprint or bot score. Behind
 * a CDN the address is the CDN's, and `*.deno.dev` can still be called around it: read the CDN's
 * headers behind a proof then (`headers`).
 */
export function denoDeploy<const F extends DenoField = "ip" | "deploymentId" | "timeline">(
  { fields = ["ip", "deploymentId", "timeline"] as unknown as readonly F[], env }: DenoOptions<F> = {},
): DenoProvider<F> {
  const unknown = fields.find((field) => field !== "ip" && !Object.hasOwn(DEPLOY_VARIABLES, field));
  if (unknown !== undefined) {
    throw new TypeError(
      `Cannot read the field "${unknown}": choose from ip, ${Object.keys(DEPLOY_VARIABLES).join(", ")}`,
    );
  }
  const address = socket();
  const deployment = Object.entries(DEPLOY_VARIABLES)
    .filter(([field]) => fields.includes(field as F))
    .map(([field, variable]) => [field, env ? env[variable] : deno().env.get(variable)] as const)
    .filter(([, value]) => value !== undefined && value !== "");
  const still = Object.fromEntries(deployment);
  const readsIp = fields.includes("ip" as F);
  return {
    name: "deno",
    read: (request, platform) =>
      ({ ...(readsIp && address.read(request, platform)), ...still }) as { readonly [field in F]?: string },
  };
}

/** The ready server. */
export interface DenoServer {
  fetch(request: Request, info: DenoServeInfo): Promise<Response>;
}

async function proxyFrom(env: Environment, ready: Readiness = readiness()): Promise<Proxy> {
  const setup = readEnvironment(env, { trusts: ["deno", ...PLAIN_TRUSTS] });
  const { metrics, maxInFlight } = readMachine(env);
  const { trust } = setup;
  const proxy = createProxy({
    ...await withSeal(setup),
    ...watching(setup, metrics === undefined ? [] : [await serveMetrics(metrics)]),
    trust: trust === "deno" ? denoDeploy() : plainTrust({ ...setup, trust }),
    ready,
  });
  const uncompleted = counter((_, platform, end) => whenCompleted(platform!.info as DenoServeInfo | undefined, end));
  return gated(proxy, maxInFlight, uncompleted);
}

/** Calls back when a request is over, as Deno says. Where nobody says it, at once: nothing is counted that would never end. */
function whenCompleted(info: DenoServeInfo | undefined, end: () => void): void {
  if (info?.completed === undefined) end();
  else info.completed.then(end, end);
}

function deno(): DenoGlobal {
  return (globalThis as unknown as { Deno: DenoGlobal }).Deno;
}

/** As a program it is configured at once, and a mistake stops it with one line. */
async function start(): Promise<DenoServer> {
  const env = deno().env.toObject();
  try {
    const ready = readiness();
    const proxy = await proxyFrom(env, ready);
    return { fetch: stopsInOrder(ready, (request, info, draining) => proxy.fetch(request, { info, env, draining })) };
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    console.error(error.message);
    return deno().exit(1);
  }
}

type DrainingFetch = (request: Request, info: DenoServeInfo, draining: AbortSignal) => Promise<Response>;

/**
 * After SIGTERM `deno serve` takes no more requests, and waits for the open ones however long they
 * take, event streams included, which no signal ends once Deno sends them on by itself. So the process
 * ends when everything else has, or after {@link GRACE_MS}: what streams is cut, and resumed elsewhere.
 */
function stopsInOrder(ready: EndableReadiness, fetch: DrainingFetch): DenoServer["fetch"] {
  const stopping = new AbortController();
  let open = 0;
  const ended = (): void => void open--;
  const stop = (): void => {
    ready.stop();
    stopping.abort();
    // What had arrived by now has been begun by the next turn of this clock. No timer is a reason to stay.
    deno().unrefTimer(setInterval(() => open === 0 && deno().exit(0), 100));
    deno().unrefTimer(setTimeout(() => deno().exit(0), GRACE_MS));
  };
  try {
    deno().addSignalListener("SIGTERM", stop);
  } catch {
    // Deno Deploy stops its isolates itself.
    return (request, info) => fetch(request, info, stopping.signal);
  }
  return async (request, info) => {
    open++;
    const response = await fetch(request, info, stopping.signal);
    if (isEventStream(response)) ended();
    else whenCompleted(info, ended);
    return response;
  };
}

/**
 * Makes a server that is configured by the environment when its first request comes, and by `defaults`
 * where that sets nothing: who only wants the provider needs no environment.
 *
 * ```ts ignore
 * export default ready({ EDGE_SEAL: "signed" });
 * ```
 */
export function ready(defaults: Environment = {}): DenoServer {
  const answer = readyFetch(proxyFrom);
  let env: Environment | undefined;
  return {
    fetch: (request, info) => answer(request, env ??= withDefaults(deno().env.toObject(), defaults), { info, env }),
  };
}

/** For `deno serve` and Deno Deploy. */
const server: DenoServer = import.meta.main ? await start() : ready();

export default server;
