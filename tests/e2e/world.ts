/** A place to point the real clients at, and what the agent behind it was told. */

import type { Observation } from "../../dev/observations.ts";
import type { Runner } from "../../dev/runner.ts";
import { type Browser, type BrowserOptions, configureServer, openBrowser, type Target } from "./clients.ts";

/** The signals that the demo agent requires. */
export interface Signals {
  readonly botScore: number;
  readonly ja4: string;
  readonly asn: number;
  readonly country: string;
}

/** What a client sends under the namespace, and what the agent must see: the same only where nobody stamps. */
export interface World {
  readonly target: Target;
  readonly sent: Signals;
  readonly expected: () => Signals;
}

/** One test of a client, wherever it points. */
export type ClientTests = Readonly<Record<string, (world: World) => Promise<void>>>;

export function clientData({ sent }: World): { userId: string; __cf: Signals } {
  return { userId: "user-1", __cf: sent };
}

/** A browser whose page sends signals of its own. */
export function openPage(world: World, options: BrowserOptions = {}): Browser {
  configureServer(world.target);
  return openBrowser(world.target, { clientData: clientData(world), ...options });
}

type Seen<K extends Observation["kind"]> = Extract<Observation, { kind: K }>;

/** Waits for what the agent of a chat observes. */
export function seen<K extends Observation["kind"]>(
  { target }: World,
  kind: K,
  chatId: string,
  fits: (observation: Seen<K>) => boolean = () => true,
): Promise<Seen<K>> {
  return target.local.runner.seen(kind, (observation) => observation.chatId === chatId && fits(observation));
}

/** What the agent found under the namespace, on each turn of a chat that reached the model. */
export function told(runner: Runner, chatId: string): unknown[] {
  return runner.observations.flatMap((observation) =>
    observation.kind === "turn" && observation.chatId === chatId ? [signalsOf(observation.clientData)] : []
  );
}

export function signalsOf(data: unknown): unknown {
  return (data as { __cf?: unknown } | undefined)?.__cf;
}

/** A message that takes a while to be repeated, word by word. */
export function words(count: number): string {
  return Array.from({ length: count }, (_, index) => `w${index}`).join(" ");
}
