/**
 * The proxies that the launchers serve. What they are told comes from the test that starts them:
 * options that JSON can carry, by the name of the server that has them.
 */
import { createProxy, type Options, type Proxy } from "../../mod.ts";
import { NAMESPACE, readTestSignals, STEER } from "./signals.ts";

/** Options by server name, as a launcher gets them. */
export type Wanted = Readonly<Record<string, Options>>;

/** A proxy with the test's trust provider. */
export function testProxy(options: Options): Proxy {
  const trust = { name: "test", consumes: [STEER], read: readTestSignals };
  return createProxy({ namespace: NAMESPACE, ...options, trust });
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
