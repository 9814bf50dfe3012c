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

/** A proxy with the test's trust provider. */
export function testProxy({ sealsInMs, ...options }: TestOptions): Proxy {
  const trust = { name: "test", consumes: [STEER], read: readTestSignals };
  return createProxy({ namespace: NAMESPACE, ...options, ...(sealsInMs && { seal: slowSealer(sealsInMs) }), trust });
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
