/**
 * The proxies that the launchers serve. What they are told comes from the test that starts them:
 * options that JSON can carry, by the name of the server that has them.
 */
import { createProxy, type Options, type Proxy } from "../../mod.ts";
import { NAMESPACE, readTestSignals, STEER } from "./signals.ts";

/** Options that JSON can carry, and a slow sealer whose stamp is the signals themselves. */
export interface TestOptions extends Omit<Options, "seal"> {
  readonly sealsInMs?: number;
}

/** Options by server name, as a launcher gets them. */
export type Wanted = Readonly<Record<string, TestOptions>>;

/** `GET` here tells what is still under way in a proxy under test. */
export const PROBE = "/test/open";

/** What a proxy under test has not ended yet. */
export interface Open {
  /** Timers of the whole program that have neither run nor been cleared. */
  readonly timers: number;
  /** Requests that this proxy has not answered. */
  readonly calls: number;
}

const timers = countTimers();

/** A proxy with the test's trust provider, which tells at {@link PROBE} what is still under way in it. */
export function testProxy({ sealsInMs, ...options }: TestOptions): Proxy {
  const trust = { name: "test", consumes: [STEER], read: readTestSignals };
  const seal = sealsInMs === undefined ? {} : { seal: slowSealer(sealsInMs) };
  const proxy = createProxy({ namespace: NAMESPACE, ...options, ...seal, trust });
  let calls = 0;
  return {
    async fetch(request, platform) {
      // Of others the URL is not asked: where it is none, that is for the proxy to find.
      if (request.method === "GET" && request.url.endsWith(PROBE)) {
        return Response.json({ timers: timers.size, calls } satisfies Open);
      }
      calls++;
      try {
        return await proxy.fetch(request, platform);
      } finally {
        calls--;
      }
    },
  };
}

/** Counts the timers of the program from now on: every runtime has them, and none tells how many there are. */
function countTimers(): ReadonlySet<unknown> {
  const open = new Set<unknown>();
  const { setTimeout, clearTimeout } = globalThis;
  globalThis.setTimeout = ((run: (...args: unknown[]) => void, ms?: number, ...args: unknown[]) => {
    const id = setTimeout(() => {
      open.delete(id);
      run(...args);
    }, ms);
    open.add(id);
    return id;
  }) as typeof setTimeout;
  globalThis.clearTimeout = ((id: Parameters<typeof clearTimeout>[0]) => {
    open.delete(id);
    clearTimeout(id);
  }) as typeof clearTimeout;
  return open;
}

function slowSealer(ms: number): NonNullable<Options["seal"]> {
  return { seal: (signals) => new Promise((resolve) => setTimeout(() => resolve(signals), ms)) };
}

/** What a launcher was asked for: its one argument. */
export function wanted(argument: string | undefined): Wanted {
  return JSON.parse(argument ?? "{}") as Wanted;
}

/** The port of a server that listens. */
export function portOf({ url }: { readonly url: string }): number {
  return Number(new URL(url).port);
}

/** What a launcher prints, as one line, when its servers listen. */
export function announce(ports: Readonly<Record<string, number>>): string {
  return JSON.stringify({ ports });
}
