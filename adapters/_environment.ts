/**
 * The environment of the ready-made servers: read once, judged whole.
 *
 * @module
 */
import type { Options } from "../src/options.ts";
import { DEFAULT_MAX_IN_FLIGHT } from "./_in_flight.ts";
import type { Environment } from "./_types.ts";
import { EnvironmentError, type LogSetting, parseVariables } from "./_variables.ts";

/** What an environment says. */
export interface Setup<T extends string = string> {
  readonly options: Options & { readonly upstream: string; readonly namespace: string };
  /** The trust provider's name. */
  readonly trust: T;
  /** What a CDN must send before its headers are believed: one secret, or two while they are changed. */
  readonly proof: string | readonly [string, string] | undefined;
  /** How stamps prove themselves, and by which key; `undefined` where they do not. */
  readonly seal: { readonly kind: "signed" | "encrypted"; readonly key: string } | undefined;
  /** Whether each request is a line in the log. */
  readonly log: LogSetting;
  /** How many requests a server on a machine may have under way. */
  readonly maxInFlight: number;
  readonly host: string;
  readonly port: number;
}

/** What differs between the ready-made servers. */
export interface Defaults<T extends string> {
  readonly namespace?: string;
  /** What `EDGE_LOG` is where it is not set. */
  readonly log?: LogSetting;
  /** The trust providers that can be chosen; the first is the default. */
  readonly trusts: readonly [T, ...T[]];
}

/** An environment, and `defaults` where it sets nothing: an empty value sets nothing. */
export function withDefaults(env: Environment, defaults: Environment): Environment {
  const set = Object.entries(env).filter(([, value]) => typeof value !== "string" || value.trim() !== "");
  return { ...defaults, ...Object.fromEntries(set) };
}

/** Reads an environment. Throws `EnvironmentError`: one line that names the variable and the mend, without values. */
export function readEnvironment<T extends string>(
  env: Environment,
  { namespace = "__edge", log = "json", trusts }: Defaults<T>,
): Setup<T> {
  const variables = parseVariables(env, trusts);
  const { EDGE_TRUST: trust = trusts[0], EDGE_PROOF_SECRET: proof, EDGE_SEAL: seal = "none" } = variables;
  if ((trust === "headers" || trust === "fastly") && proof === undefined) {
    throw new EnvironmentError(
      `EDGE_PROOF_SECRET: is needed where EDGE_TRUST is ${trust}; set 32 or more random characters, e.g. openssl rand -base64 32, and have them sent as X-Edgestamp-Proof`,
    );
  }
  const { EDGE_SEAL_KEY: key } = variables;
  if (seal !== "none" && key === undefined) {
    throw new EnvironmentError(
      `EDGE_SEAL_KEY: is needed where EDGE_SEAL is ${seal}; run \`edgestamp keygen\` and set what it prints`,
    );
  }
  return {
    options: {
      upstream: variables.TRIGGER_API_UPSTREAM ?? "https://api.trigger.dev",
      namespace: variables.EDGE_NAMESPACE ?? namespace,
      ...(variables.EDGE_GUARD && { guard: variables.EDGE_GUARD }),
      ...(variables.EDGE_ALLOWED_ORIGINS && { cors: { origins: variables.EDGE_ALLOWED_ORIGINS } }),
    },
    trust,
    proof,
    seal: seal === "none" || key === undefined ? undefined : { kind: seal, key },
    log: variables.EDGE_LOG ?? log,
    maxInFlight: variables.EDGE_MAX_IN_FLIGHT ?? DEFAULT_MAX_IN_FLIGHT,
    host: variables.HOST ?? "0.0.0.0",
    port: variables.PORT ?? 3000,
  };
}
