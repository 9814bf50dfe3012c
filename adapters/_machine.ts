/**
 * What the environment says to a server on a machine of one's own, beside what it says to every server: a hosted one
 * does not listen, nor count, and a `HOST` there is somebody else's variable.
 *
 * @module
 */
import { DEFAULT_MAX_IN_FLIGHT } from "./_in_flight.ts";
import type { Environment } from "./_types.ts";
import { parseVariables, textVariable, type Variable } from "./_variables.ts";

/** What a server on a machine takes on, and tells of it. */
export interface Machine {
  /** Where it serves metrics; `undefined` where it does not. */
  readonly metrics: { readonly host: string; readonly port: number } | undefined;
  /** How many requests it may have under way. */
  readonly maxInFlight: number;
}

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads what holds on a machine. Throws `EnvironmentError`: one line that names the variable and the mend, without values. */
export function readMachine(env: Environment): Machine {
  const { EDGE_METRICS_PORT: port, EDGE_METRICS_HOST: host = "127.0.0.1", EDGE_MAX_IN_FLIGHT: maxInFlight } =
    parseVariables(env, MACHINE);
  return {
    metrics: port === undefined ? undefined : { host, port },
    maxInFlight: maxInFlight ?? DEFAULT_MAX_IN_FLIGHT,
  };
}

/** Reads where to listen, for a server that is a program: whoever mounts one listens himself. Throws as {@link readMachine}. */
export function readAddress(env: Environment): Address {
  const { HOST: host = "0.0.0.0", PORT: port = 3000 } = parseVariables(env, ADDRESS);
  return { host, port };
}

const HOST = textVariable(
  (host) => /^[\w.:-]+$/.test(host),
  "is not a host; set a name or an address without brackets, such as 0.0.0.0",
);

const PORT = number(/^\d{1,5}$/, 65_535, "is not a port; set a number from 0 to 65535");

const MACHINE = {
  EDGE_MAX_IN_FLIGHT: number(
    /^[1-9]\d{0,6}$/,
    Infinity,
    "is not a number of requests; set a whole number above 0, such as 10000",
  ),
  EDGE_METRICS_HOST: HOST,
  EDGE_METRICS_PORT: PORT,
};

const ADDRESS = { HOST, PORT };

function number(pattern: RegExp, most: number, why: string): Variable<number> {
  return { read: (text) => pattern.test(text) && Number(text) <= most ? Number(text) : undefined, why, loose: true };
}
