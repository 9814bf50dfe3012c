// deno-lint-ignore-file no-console -- a server speaks to whoever runs it
/**
 * What the servers for plain machines have in common: how they are set up, announced and stopped.
 *
 * @module
 */
import process from "node:process";
import { createProxy, type Proxy } from "../src/proxy.ts";
import { type EndableReadiness, readiness } from "../src/ready.ts";
import { readEnvironment, type Setup } from "./_environment.ts";
import { type Machine, readAddress, readMachine } from "./_machine.ts";
import { serveMetrics } from "./_metrics_server.ts";
import { withSeal } from "./_seal.ts";
import { GRACE_MS } from "./_stop.ts";
import { PLAIN_TRUSTS, type PlainTrust, plainTrust } from "./_trusts.ts";
import type { Environment } from "./_types.ts";
import { EnvironmentError } from "./_variables.ts";
import { watching } from "./_watching.ts";

/** A server that listens. */
export interface Running {
  /** Where it listens, such as `http://127.0.0.1:3000`. */
  readonly url: string;
  /**
   * Cuts event streams at once, so that they are resumed elsewhere, takes no more requests after half a second,
   * and resolves when the open ones have ended, or were cut off after `graceMs`. Default 9000.
   */
  stop(graceMs?: number): Promise<void>;
}

/** Where to listen. */
export interface ListenOptions {
  /** A name or address. Default `0.0.0.0`. */
  readonly host?: string;
  /** 0 for any free one. Default 3000. */
  readonly port?: number;
  /**
   * How many requests may be under way at once, each from its head until its answer has ended, event streams included.
   * What comes on top is answered with 503 `edge_overloaded`; of the places, one in eight is kept for what is no
   * `GET` or `HEAD`. Times `limits.heldBodyBytes` (4 MiB) it is the most memory that bodies can take. Default: no limit.
   */
  readonly maxInFlight?: number;
}

/** The proxy that a plain machine's environment describes. */
export interface Described {
  readonly proxy: Proxy;
  readonly setup: Setup<PlainTrust> & Machine;
  readonly ready: EndableReadiness;
}

/** Reads it. Rejects with `EnvironmentError`. */
export async function proxyFrom(env: Environment): Promise<Described> {
  const setup = { ...readEnvironment(env, { trusts: PLAIN_TRUSTS }), ...readMachine(env) };
  const ready = readiness();
  const observers = setup.metrics === undefined ? [] : [await serveMetrics(setup.metrics)];
  return {
    proxy: createProxy({ ...await withSeal(setup), ...watching(setup, observers), trust: plainTrust(setup), ready }),
    setup,
    ready,
  };
}

/**
 * Runs a server by the environment until it is told to stop: one line when it listens, one line and
 * exit code 1 where it cannot. SIGTERM and SIGINT cut event streams and let all other open
 * requests end within {@link GRACE_MS}; the second one does not wait.
 */
export async function runUntilStopped(
  listen: (proxy: Proxy, options: ListenOptions) => Promise<Running>,
): Promise<Running> {
  try {
    const address = readAddress(process.env);
    const { proxy, setup, ready } = await proxyFrom(process.env);
    const running = await listen(proxy, { ...address, maxInFlight: setup.maxInFlight });
    // Who reads that it listens may tell it to stop at once.
    stopOnSignals(running, ready);
    console.log(announcement(running.url, setup));
    return running;
  } catch (error) {
    console.error(error instanceof EnvironmentError ? error.message : `Cannot listen: ${(error as Error).message}`);
    process.exit(1);
  }
}

function announcement(
  url: string,
  { options: { upstream, namespace, guard = "standard" }, trust, seal }: Setup,
): string {
  const facts = { upstream, namespace, trust, guard, seal: seal?.kind ?? "none" };
  return `edgestamp listens on ${url} (${Object.entries(facts).map((fact) => fact.join(" ")).join(", ")})`;
}

function stopOnSignals(running: Running, ready: EndableReadiness): void {
  let asked = false;
  const stop = (signal: string): void => {
    if (asked) process.exit(1);
    asked = true;
    console.log(`${signal}: open requests have ${GRACE_MS / 1000} s to end`);
    ready.stop();
    running.stop().then(() => process.exit(0), () => process.exit(1));
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}
