/**
 * What the environment of every ready-made server says, a Worker's included.
 *
 * @module
 */
import type { Options } from "../src/options.ts";
import type { Environment } from "./_types.ts";
import { choice, parseVariables, SHARED } from "./_variables.ts";

/** What an environment says. */
export interface Settings<T extends string = string> {
  readonly options: Options & { readonly upstream: string; readonly namespace: string };
  /** The trust provider's name. */
  readonly trust: T;
}

/** What differs between the ready-made servers. */
export interface Defaults<T extends string> {
  readonly namespace?: string;
  /** The trust providers that can be chosen; the first is the default. */
  readonly trusts: readonly [T, ...T[]];
}

/** Reads them. Throws `EnvironmentError`: one line that names the variable and the mend, without values. */
export function readSettings<T extends string>(
  env: Environment,
  { namespace = "__edge", trusts }: Defaults<T>,
): Settings<T> {
  const shared = parseVariables(env, { ...SHARED, EDGE_TRUST: choice("is unknown here", trusts) });
  const { EDGE_ALLOWED_ORIGINS: origins, EDGE_GUARD: guard, EDGE_TRUST: trust = trusts[0] } = shared;
  return {
    options: {
      upstream: shared.TRIGGER_API_UPSTREAM ?? "https://api.trigger.dev",
      namespace: shared.EDGE_NAMESPACE ?? namespace,
      ...(guard && { guard }),
      ...(origins && { cors: { origins } }),
    },
    trust,
  };
}
